from rest_framework import serializers, viewsets

from catalog.models import Author, Book, Review, Tag


def serializer_of(of):
    class Serializer(serializers.ModelSerializer):
        class Meta:
            model = of
            fields = "__all__"

    return Serializer


class AuthorViewSet(viewsets.ModelViewSet):
    queryset = Author.objects.order_by("id")
    serializer_class = serializer_of(Author)


class TagViewSet(viewsets.ModelViewSet):
    queryset = Tag.objects.order_by("id")
    serializer_class = serializer_of(Tag)


class BookViewSet(viewsets.ModelViewSet):
    queryset = Book.objects.order_by("id")
    serializer_class = serializer_of(Book)


class ReviewViewSet(viewsets.ModelViewSet):
    queryset = Review.objects.order_by("id")
    serializer_class = serializer_of(Review)

    def perform_create(self, serializer):
        serializer.save(owner=self.request.user)
