"""Staff pages about consultations. Here: the rows of an import that wait for a person."""

desk_urlpatterns: list = []
