"""Grafana's provisioning files as typed values; what a file says beyond them is refused.

Source of the formats: Grafana's documentation of provisioning, as of Grafana 11
to 13: data sources, dashboards, and the alerting resources that ours use.
https://grafana.com/docs/grafana/latest/administration/provisioning/
"""

from typing import Annotated, Literal

from pydantic import BaseModel, ConfigDict, Field

Uid = Annotated[str, Field(pattern=r"^[a-z][a-z0-9-]{1,39}$")]
Address = Annotated[str, Field(pattern=r"^(\$\{PHAROS_\w+\}|https?://)")]
Duration = Annotated[str, Field(pattern=r"^\d+[smhd]$")]


class Strict(BaseModel):
    model_config = ConfigDict(extra="forbid")


class ExemplarDestination(Strict):
    name: str
    url: Address
    url_display_label: str = Field(alias="urlDisplayLabel")


class PrometheusOptions(Strict):
    time_interval: Duration = Field(alias="timeInterval")
    http_method: Literal["POST", "GET"] = Field(alias="httpMethod")
    prometheus_type: Literal["Prometheus", "Mimir", "Thanos"] = Field(alias="prometheusType")
    prometheus_version: str = Field(alias="prometheusVersion", pattern=r"^\d+\.\d+\.\d+$")
    alertmanager_uid: Uid = Field(alias="alertmanagerUid")
    destinations: list[ExemplarDestination] = Field(alias="exemplarTraceIdDestinations")


class AlertmanagerOptions(Strict):
    implementation: Literal["prometheus", "mimir", "cortex"]
    handles_grafanas: bool = Field(alias="handleGrafanaManagedAlerts")


class ElasticsearchOptions(Strict):
    index: str
    time_field: str = Field(alias="timeField")
    requests: int = Field(alias="maxConcurrentShardRequests", ge=1)
    message: str = Field(alias="logMessageField")
    level: str = Field(alias="logLevelField")


class Source(Strict):
    name: str
    uid: Uid
    access: Literal["proxy"]
    url: Address
    editable: Literal[False]
    is_default: bool = Field(default=False, alias="isDefault")


class PrometheusSource(Source):
    type: Literal["prometheus"]
    options: PrometheusOptions = Field(alias="jsonData")


class AlertmanagerSource(Source):
    type: Literal["alertmanager"]
    options: AlertmanagerOptions = Field(alias="jsonData")


class ElasticsearchSource(Source):
    type: Literal["elasticsearch"]
    options: ElasticsearchOptions = Field(alias="jsonData")


AnySource = Annotated[
    PrometheusSource | AlertmanagerSource | ElasticsearchSource, Field(discriminator="type")
]


class Sources(Strict):
    version: Literal[1] = Field(alias="apiVersion")
    prune: bool = False
    datasources: list[AnySource]


class FolderOptions(Strict):
    path: str


class Provider(Strict):
    name: str
    folder: str
    type: Literal["file"]
    keeps_deleted: bool = Field(alias="disableDeletion")
    edits: Literal[False] = Field(alias="allowUiUpdates")
    seconds: int = Field(alias="updateIntervalSeconds", ge=10)
    options: FolderOptions


class Providers(Strict):
    version: Literal[1] = Field(alias="apiVersion")
    providers: list[Provider]


class AlertmanagerSettings(Strict):
    url: Address


class Receiver(Strict):
    uid: Uid
    type: Literal["prometheus-alertmanager"]
    settings: AlertmanagerSettings
    silent_on_resolve: bool = Field(alias="disableResolveMessage")


class ContactPoint(Strict):
    organisation: int = Field(alias="orgId")
    name: str
    receivers: list[Receiver] = Field(min_length=1)


class Policy(Strict):
    organisation: int = Field(alias="orgId")
    receiver: str
    group_by: list[str]
    group_wait: Duration
    group_interval: Duration
    repeat_interval: Duration


class Alerting(Strict):
    version: Literal[1] = Field(alias="apiVersion")
    contact_points: list[ContactPoint] = Field(alias="contactPoints")
    policies: list[Policy]
