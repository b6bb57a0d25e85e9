"""How many calls a partner may make (OTV-10). Uses the limit up, so it is played on request and last."""

from concurrent.futures import ThreadPoolExecutor

from sprechzeit.operations.conformance.outcome import Failed, Part, expect
from sprechzeit.operations.conformance.wire import Answer, Practice
from sprechzeit.operations.terminal import _

limits: Part[Practice] = Part("limits")
MOST = 2000
AT_ONCE = 8


@limits.plays("too-many", _("Too many calls are answered with 429 and when to come back"))
def too_many(practice: Practice) -> str:
    practice.waits = False
    with ThreadPoolExecutor(AT_ONCE) as threads:
        for done in range(0, MOST, AT_ONCE * 5):
            for answer in threads.map(lambda _n: practice.ask("/practice"), range(AT_ONCE * 5)):
                if answer.status_code == 429:
                    return _refused(practice, answer, done)
    raise Failed(_("%(calls)s calls at once, and none was refused") % {"calls": MOST})


def _refused(practice: Practice, answer: Answer, after: int) -> str:
    answer.is_problem(429)
    expect(answer.headers.get("retry-after", "").isdigit(), _("Retry-After is missing"))
    practice.check_signature(answer)
    return _("after about %(calls)s calls") % {"calls": after}
