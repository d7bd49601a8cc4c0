{{- /* Where pods of the service may run, the one of its test too: only what values say. */}}
{{- define "common.scheduling" -}}
{{- $given := dict }}
{{- range $name, $value := pick .Values "affinity" "nodeSelector" "priorityClassName" "tolerations" }}
  {{- if $value }}{{ $_ := set $given $name $value }}{{ end }}
{{- end }}
{{- with $given }}{{ toYaml . }}{{ end }}
{{- end }}
