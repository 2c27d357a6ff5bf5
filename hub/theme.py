"""The council's own colour, over the hub's. The rest of the look is in static/hub.css."""

from django.conf import settings
from django.http import HttpResponse
from django.views.decorators.cache import cache_control

# As in assets/scss/_theme.scss.
OWN_COLOUR = "#0a5556"
# How much of the colour is left in its deep shade: as much as in the hub's own.
DEEP = 0.7


def deep(colour: str) -> str:
    """A darker shade of a colour: the ground of the header, and links under the mouse."""
    return "#" + "".join(f"{round(int(colour[at : at + 2], 16) * DEEP):02x}" for at in (1, 3, 5))


@cache_control(public=True, max_age=60 * 60)
def theme(request):
    """One `:root` block. The settings have made sure that white can be read on the colour at 7:1."""
    colour = settings.HUB_BRAND_COLOUR
    return HttpResponse(
        f":root{{--brand:{colour};--brand-deep:{deep(colour)}}}\n", content_type="text/css; charset=utf-8"
    )
