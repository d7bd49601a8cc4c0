{{- /*
What a chart knows of its service is in two links: files/contract.json, what it provides and needs, and files/package.json, its store and
its secrets.
*/}}
{{- define "common.contract" -}}
{{ .Files.Get "files/contract.json" }}
{{- end }}

{{- /* The `bulkhead` entry of package.json. */}}
{{- define "common.manifest" -}}
{{ get (.Files.Get "files/package.json" | fromJson) "bulkhead" | toJson }}
{{- end }}

{{- /* The services that it calls, a JSON array. */}}
{{- define "common.targets" -}}
{{ keys (include "common.contract" . | fromJson).needs | sortAlpha | toJson }}
{{- end }}

{{- /*
The services that may call it, a JSON array; `*` is every one. What is public is so for services too: they go no further than their own
targets. People come through the gateway, which reads every contract.
*/}}
{{- define "common.callers" -}}
{{- $callers := dict }}
{{- if ne .Chart.Name "gateway" }}{{ $_ := set $callers "gateway" true }}{{ end }}
{{- range (include "common.contract" . | fromJson).provides.callers }}
  {{- if hasPrefix "service:" . }}{{ $_ := set $callers (trimPrefix "service:" .) true }}{{ end }}
  {{- if eq . "public" }}{{ $_ := set $callers "*" true }}{{ end }}
{{- end }}
{{- if hasKey $callers "*" }}["*"]{{ else }}{{ keys $callers | sortAlpha | toJson }}{{ end }}
{{- end }}

{{- /* Not empty for who publishes or handles events. */}}
{{- define "common.usesEventLog" -}}
{{- $contract := include "common.contract" . | fromJson }}
{{- if or $contract.provides.events $contract.handles }}yes{{ end }}
{{- end }}

{{- /* Where a service is: `common.address (list $ "catalog")`. */}}
{{- define "common.address" -}}
{{- $service := last . }}
{{- index (first .).Values.addresses $service | default (printf "http://%s:8080" $service) }}
{{- end }}
