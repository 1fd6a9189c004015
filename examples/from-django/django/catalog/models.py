from django.conf import settings
from django.db import models


class Author(models.Model):
    name = models.CharField(max_length=100)
    email = models.EmailField(unique=True, null=True, blank=True)


class Tag(models.Model):
    slug = models.SlugField(unique=True)


class Book(models.Model):
    GENRES = [("fiction", "Fiction"), ("science", "Science")]

    title = models.CharField(max_length=200)
    author = models.ForeignKey(Author, on_delete=models.CASCADE)
    price = models.DecimalField(max_digits=8, decimal_places=2)
    genre = models.CharField(max_length=10, choices=GENRES)
    published_at = models.DateTimeField(null=True, blank=True)
    metadata = models.JSONField(null=True, blank=True)
    tags = models.ManyToManyField(Tag, blank=True)

    class Meta:
        ordering = ["id"]
        unique_together = [("author", "title")]


class Review(models.Model):
    book = models.ForeignKey(Book, on_delete=models.CASCADE)
    rating = models.PositiveSmallIntegerField()
    body = models.TextField(blank=True)
    owner = models.ForeignKey(settings.AUTH_USER_MODEL, on_delete=models.CASCADE, editable=False)
    created_at = models.DateTimeField(auto_now_add=True)
