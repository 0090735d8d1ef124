"""Which addresses may be loaded in a frame after a click."""

import pytest

from cms.embeds import read_embed


@pytest.mark.parametrize(
    "url",
    [
        "https://www.youtube.com/watch?v=dQw4w9WgXcQ&t=3",
        "https://youtu.be/dQw4w9WgXcQ",
        "https://m.youtube.com/embed/dQw4w9WgXcQ",
    ],
)
def test_a_youtube_address_leads_to_the_frame_of_the_host_without_cookies(url: str) -> None:
    assert read_embed(url).frame_url == "https://www.youtube-nocookie.com/embed/dQw4w9WgXcQ"


def test_a_vimeo_address_asks_vimeo_not_to_track() -> None:
    assert read_embed("https://vimeo.com/76979871").frame_url == "https://player.vimeo.com/video/76979871?dnt=1"


@pytest.mark.parametrize(
    "url",
    [
        "https://video.example/watch?v=dQw4w9WgXcQ",
        "http://youtube.com/watch?v=dQw4w9WgXcQ",
        "https://youtube.com.evil.example/watch?v=dQw4w9WgXcQ",
        'https://youtu.be/"onload=alert(1)',
        "https://www.youtube.com/watch",
        "https://vimeo.com/channels/staff",
        "https://[",
        "",
    ],
)
def test_any_other_address_stays_a_link(url: str) -> None:
    assert read_embed(url).frame_url == ""
