"""Getting log lines into a log store: where it is, what it is told of them, and how they get there.

On a host rsyslog ships (`shipper.py`); for containers there are files for
Filebeat, Logstash and Kibana beside this.
"""
