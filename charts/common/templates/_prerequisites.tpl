{{- /* The Secrets and ConfigMaps that a service's pods need and its chart does not create, with their keys: a JSON object. */}}
{{- define "common.prerequisites" -}}
{{- $needed := list (list (printf "ConfigMap %s" .Values.issuers.servicesConfigMap) "jwks.json") }}
{{- range include "common.environment" . | fromYamlArray }}
  {{- with dig "valueFrom" "secretKeyRef" "" . }}{{ $needed = append $needed (list (printf "Secret %s" .name) .key) }}{{ end }}
{{- end }}
{{- range .Values.files }}
  {{- $object := printf "ConfigMap %s" .configMap }}
  {{- with .secret }}{{ $object = printf "Secret %s" . }}{{ end }}
  {{- $needed = append $needed (list $object .key) }}
{{- end }}
{{- $objects := dict }}
{{- range $needed }}{{ $_ := set $objects (first .) (append (get $objects (first .) | default list) (last .) | uniq) }}{{ end }}
{{- toJson $objects }}
{{- end }}
