"""The report on one drill: what was expected, done, felt and seen, for those who were not there.

`sections` puts it together from the run's verdict and journal; `markdown` and
`page` write it down.
"""
