"""Feeds in the shapes that other systems give them, with invented content."""

import json

CITIZEN_SPACE = {
    "id": "respite-2026",
    "title": "Respite care: <b>what matters</b> to you",
    "url": "https://consult.example.org/children/respite-2026/",
    "status": "open",
    "overview": "<p>We buy respite care anew.</p><script>alert(1)</script><p>Tell us what matters &amp; why.</p>",
    "startdate": "2026/11/01",
    "enddate": "2026/12/20",
    "activity_type": "online_survey",
    "visibility": "public",
    "feedbackdate": "2027/03/01",
}
RSS = """<?xml version="1.0" encoding="utf-8"?>
<rss version="2.0"><channel><title>Have your say</title><link>https://example.org/</link><description>News</description>
<item><title>Short breaks review</title><link>https://example.org/short-breaks</link>
<guid isPermaLink="false">n-17</guid><description>&lt;p&gt;Tell us &lt;img src=x
onerror=alert(1)&gt;more&lt;/p&gt;</description></item></channel></rss>"""
ATOM = """<?xml version="1.0" encoding="utf-8"?>
<feed xmlns="http://www.w3.org/2005/Atom"><title>Have your say</title><id>urn:x</id>
<updated>2026-11-01T00:00:00Z</updated>
<entry><title>Play areas</title><id>urn:x:play</id><link href="https://example.org/play"/>
<updated>2026-11-01T00:00:00Z</updated><summary>Which ones to mend first.</summary></entry></feed>"""
BOMB = """<?xml version="1.0"?><!DOCTYPE rss [<!ENTITY a "ha"><!ENTITY b "&a;&a;&a;&a;&a;&a;&a;&a;">]>
<rss version="2.0"><channel><title>&b;</title><item><guid>1</guid><title>&b;</title></item></channel></rss>"""
CALENDAR = """BEGIN:VCALENDAR
VERSION:2.0
PRODID:-//Example//EN
BEGIN:VEVENT
UID:coffee-1@example.org
DTSTAMP:20261101T000000Z
DTSTART:20270608T090000Z
DTEND:20270608T103000Z
SUMMARY:Coffee morning
LOCATION:Larch House
DESCRIPTION:Come <b>along</b>.
URL:https://example.org/coffee
END:VEVENT
BEGIN:VEVENT
UID:off@example.org
DTSTAMP:20261101T000000Z
DTSTART;VALUE=DATE:20270609
SUMMARY:Called off
STATUS:CANCELLED
END:VEVENT
END:VCALENDAR
""".replace("\n", "\r\n")


def citizen_space(*changes: dict) -> str:
    """A list from Citizen Space, one activity for each change to the usual one."""
    return json.dumps([CITIZEN_SPACE | change for change in changes or ({},)])
