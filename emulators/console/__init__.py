"""The developer's console of a local run, served by the local gateway at /__dev.

app.py       the routes, and who may call them
requests.py  the live log of requests, kept in memory
health.py    each part: alive, memory, whether it answers
books.py     the ledger, the outbox and the warehouse in figures
switches.py  failures on purpose: a dropped answer, a slow database, a stopped part
pages/       the page itself

It exists in the local run alone: no deployment contains emulators/.
"""
