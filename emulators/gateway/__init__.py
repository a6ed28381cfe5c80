"""The local stand-in for API Gateway and the site's load balancer: one origin for the app and the API.

It knows openapi.yaml, web/site.json and where the deployments listen, and nothing else:

routes.py   which operation a path and a method name
tokens.py   the access token's check against the published keys
headers.py  what a function receives and what a caller gets back
forward.py  deadline, size, one retry, streamed answers
site.py     the built web app: headers, caching, compression, its own paths
app.py      puts them together; `python -m emulators.gateway` runs it

Where Google's gateway answers an error of its own as {"code", "message"}, this one answers
application/problem+json, so that a local caller meets one form of error only.
"""
