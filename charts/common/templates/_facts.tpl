{{- /*
A chart knows its service by two links: files/contract.json has what the service provides and needs, files/package.json its store and
its secrets.
*/}}
{{- define "common.contract" -}}
{{ .Files.Get "files/contract.json" }}
{{- end }}

{{- /* The `bulkhead` entry of package.json. */}}
{{- define "common.manifest" -}}
{{ get (.Files.Get "files/package.json" | fromJson) "bulkhead" | toJson }}
{{- end }}

{{- /* The services that the service calls: a JSON array. */}}
{{- define "common.targets" -}}
{{ keys (include "common.contract" . | fromJson).needs | sortAlpha | toJson }}
{{- end }}

{{- /*
The services that may call the service: a JSON array, where `*` is every service. Public operations are open to services too, whose own policies
limit whom they can reach. People come through the gateway, which reads every contract.
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

{{- /* Not empty if the service publishes or handles events. */}}
{{- define "common.usesEventLog" -}}
{{- $contract := include "common.contract" . | fromJson }}
{{- if or $contract.provides.events $contract.handles }}yes{{ end }}
{{- end }}

{{- /* The address of a service: `common.address (list $ "catalog")`. */}}
{{- define "common.address" -}}
{{- $service := last . }}
{{- index (first .).Values.addresses $service | default (printf "http://%s:8080" $service) }}
{{- end }}
