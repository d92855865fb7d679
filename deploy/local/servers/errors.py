from deploy.home import Home
from deploy.local.component import Component, Health


def component(home: Home) -> Component:
    raise NotImplementedError


def check(home: Home) -> Health:
    raise NotImplementedError
