"""`python -m service` is `ofsted-watch`."""

from service.commands import main

main()
