"""Who has adopted the standard in the demo county, and what their checks say."""

from accounts.models import Organisation
from standards.actions import adopt, asked_in, begin_check, publish_check
from standards.evidence import Offer, offers
from standards.figures import figures
from standards.models import Adoption, Evidence, EvidenceKind, Indicator, Judgement, Rating
from standards.parents.actions import claims, say
from standards.plan.actions import plan

# So many records show a statement. The rest of what there is can be read on the hub anyway.
SHOWN = 2


class Standards:
    """Pledges and checks while the county is being added. `county` has its bodies and people."""

    def __init__(self, county):
        self.county, self.calendar = county, county.calendar

    def add(self, written: dict) -> None:
        """Each pledge, with its check where there is one."""
        for facts in written["adoptions"]:
            owner = self.county.people[facts["owner"]]
            pledge = {name: facts[name] for name in ("scope", "signed_by", "lead")}
            body = self.county.organisations[facts["organisation"]]
            about = {"organisation": body, "owner": owner, "adopted_on": self.calendar.day(facts["day"])}
            adoption = adopt(by=owner.user, facts=pledge | about)
            if "check" in facts:
                self._check(adoption, body, facts["check"])
            for each in facts.get("plan", ()):
                self._plan(adoption, each)

    def _plan(self, adoption: Adoption, facts: dict) -> None:
        indicator = Indicator.objects.get(strand__standard__version=1, key=facts["statement"])
        columns = {name: facts[name] for name in ("gap", "action", "priority", "parent_role")}
        columns |= {"owner": adoption.owner, "due_on": self.calendar.day(facts["due"])}
        plan(adoption, indicator, by=adoption.owner.user, on=self.calendar.today, facts=columns)

    def _check(self, adoption: Adoption, body: Organisation, facts: dict) -> None:
        day, by = self.calendar.day(facts["day"]), adoption.owner.user
        check = begin_check(adoption, on=day, first_steps_only=facts.get("first_steps", False))
        check.adoption = adoption
        read = figures([body.pk], day)[body.pk]
        statements = asked_in(check)
        kinds = sorted({kind for each in statements for kind in each.evidence_kinds})
        by_kind: dict[str, list[Offer]] = {kind: [] for kind in kinds}
        for offer in offers(body, kinds, day):
            by_kind[offer.kind].append(offer)
        judged, shown = [], []
        for each in statements:
            figure = read.get(each.key)
            rating = Rating(facts["says"].get(each.key, Rating.IN_PLACE))
            if rating == Rating.IN_PLACE and figure and figure.has_records and not figure.is_met:
                rating = Rating.STARTED
            judgement = Judgement(check_of=check, indicator=each, rating=rating, by=by, version=1)
            judgement.record = {"words": figure.words, "is_met": figure.is_met} if figure else {}
            judged.append(judgement)
            if rating == Rating.IN_PLACE:
                shown += _evidence(judgement, [by_kind[kind] for kind in each.evidence_kinds], day)
        Judgement.objects.bulk_create(judged)
        Evidence.objects.bulk_create(shown)
        publish_check(check, by=by, on=day)
        check.published_on = day
        said = {each.indicator.key: each.pk for each in claims(check)}
        answers = {said[key]: (agrees, "") for key, agrees in facts.get("parents", {}).items() if key in said}
        if answers:
            reviewer = self.county.people["forum-reviewer"]
            now = self.calendar.morning(facts["day"])
            say(check, by=reviewer, on=day, now=now, said=answers)


def _evidence(judgement: Judgement, offered: list[list[Offer]], day) -> list[Evidence]:
    """The newest records that show a statement; a note where the hub has none."""
    found = [offer for each in offered for offer in each][:SHOWN]
    if not found:
        return [Evidence(judgement=judgement, kind=EvidenceKind.NOTE, title="On our own page", happened_on=day)]
    return [
        Evidence(
            judgement=judgement,
            kind=each.kind,
            record_id=each.record_id,
            title=each.title,
            happened_on=each.happened_on,
        )
        for each in found
    ]
