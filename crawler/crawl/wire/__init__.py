"""The download handler: a request goes in, its exchange is recorded byte for byte, a Scrapy response comes out.

- `outgoing`: Scrapy request -> the bytes to send and the route to send them by
- `resolve`: names -> addresses, none of them private unless allowed
- `dial`: route -> connection, through proxies and TLS (`tls`)
- `pool`: connections kept for the next request
- `transfer`: what comes back, read while it arrives
- `answer`: transfer -> Exchange, Capture and Scrapy response
- `handler`: the order of it all; `sink`: where exchanges go
"""
