"""The templates of Alertmanager's messages: subject and text in Chinese, English, and both."""

KNOWN = '&known={{ $alert.StartsAt.UTC.Format "2006-01-02T15:04:05Z" }}'
"""Of a link: as of when the alert began, however much later its message is read."""
MOST_ALERTS = 20  # alerts that a message lists; nobody reads a message with hundreds

_ZH = r"""
{{- define "quaymark.state.zh" -}}
{{ if .CommonLabels.drill }}演练：{{ end }}{{ if ne .Status "firing" }}已恢复
{{- else if eq .CommonLabels.severity "critical" }}严重{{ else }}预警{{ end }}
{{- end -}}
{{- define "quaymark.subject.zh" -}}
[{{ template "quaymark.state.zh" . }}] {{ with .CommonAnnotations.summary_zh }}{{ . }}
{{- else }}{{ .CommonLabels.alertname }}：{{ len .Alerts }}条{{ end }}
{{- end -}}
{{- define "quaymark.text.zh" -}}
{{ template "quaymark.subject.zh" . }}
{{ range $number, $alert := .Alerts }}{{ if lt $number MOST_ALERTS }}
{{ if eq .Status "resolved" }}【已恢复】{{ end }}{{ .Annotations.summary_zh }}
{{ .Annotations.description_zh }}
看板：{{ .Annotations.dashboard_url_zh }}
{{ with .Annotations.explain_url_zh }}此前 24 小时有何变动：{{ . }}KNOWN
{{ end }}处置：{{ .Annotations.runbook_url }}
{{ end }}{{ end }}{{ if gt (len .Alerts) MOST_ALERTS }}
共{{ len .Alerts }}条，其余见 Alertmanager：{{ .ExternalURL }}
{{ end }}
{{- end -}}
"""
_EN = r"""
{{- define "quaymark.state.en" -}}
{{ if .CommonLabels.drill }}drill: {{ end }}{{ if ne .Status "firing" }}resolved
{{- else if eq .CommonLabels.severity "critical" }}critical{{ else }}warning{{ end }}
{{- end -}}
{{- define "quaymark.subject.en" -}}
[{{ template "quaymark.state.en" . }}] {{ with .CommonAnnotations.summary }}{{ . }}
{{- else }}{{ .CommonLabels.alertname }}: {{ len .Alerts }}{{ end }}
{{- end -}}
{{- define "quaymark.text.en" -}}
{{ template "quaymark.subject.en" . }}
{{ range $number, $alert := .Alerts }}{{ if lt $number MOST_ALERTS }}
{{ if eq .Status "resolved" }}[resolved] {{ end }}{{ .Annotations.summary }}
{{ .Annotations.description }}
Board: {{ .Annotations.dashboard_url }}
{{ with .Annotations.explain_url }}What changed in the 24 hours before: {{ . }}KNOWN
{{ end }}What to do: {{ .Annotations.runbook_url }}
{{ end }}{{ end }}{{ if gt (len .Alerts) MOST_ALERTS }}
{{ len .Alerts }} alerts in all; Alertmanager shows the others: {{ .ExternalURL }}
{{ end }}
{{- end -}}
"""
_BOTH = r"""
{{- define "quaymark.subject.both" -}}
{{ template "quaymark.subject.zh" . }} / {{ template "quaymark.subject.en" . }}
{{- end -}}
{{- define "quaymark.text.both" -}}
{{ template "quaymark.text.zh" . }}
———
{{ template "quaymark.text.en" . }}
{{- end -}}
"""

HEAD = (
    "{{/* Rendered by `quaymark render`; change rules/message_templates.py and render again. */}}"
)


def templates() -> str:
    """Return the file of templates that alertmanager.yml names."""
    texts = (_ZH + _EN + _BOTH).replace("KNOWN", KNOWN)
    return HEAD + texts.replace("MOST_ALERTS", str(MOST_ALERTS))
