from django.urls import include, path
from rest_framework.routers import DefaultRouter
from rest_framework_simplejwt import views as jwt

from catalog.api import AuthorViewSet, BookViewSet, ReviewViewSet, TagViewSet

router = DefaultRouter()
router.register("authors", AuthorViewSet)
router.register("tags", TagViewSet)
router.register("books", BookViewSet)
router.register("reviews", ReviewViewSet)

urlpatterns = [
    path("api/v1/", include(router.urls)),
    path("api/token/", jwt.TokenObtainPairView.as_view()),
    path("api/token/refresh/", jwt.TokenRefreshView.as_view()),
]
