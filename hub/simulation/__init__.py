"""A simulated year: an invented county lives through it with the hub's own actions, ledger and sender.

It answers what no single test can: how many mails and tasks chasing makes over
a year for each of the people it reaches, whether any of them was untrue or
came twice, and whether anything that was owed was ever forgotten.

`county.yaml` and `county` draw who is there and what they ask; `year` lets the
days pass; `acts` are what people do, by the real actions; `world` writes down
in plain Python what is so; `truth` works out from that what may be said to
whom, and `letters` compares each mail with it; `record`, `verdicts` and
`tables` are what comes out; `database` is where it happens.
"""

TASK = (
    "A task is one thing that the hub asks somebody to do in a week, from Monday to Sunday, by one button: a thing in"
    " a mail, something broken that is to be mended, or a new row of “What you owe” that they own, deputise for or"
    " lead the body of. The same thing by several of these ways in one week is one task. The Family Information"
    " Service does its tasks together: what all of it is told counts once."
)
