{{- /* Where pods may run, those of tests too, by these values: only what they say. */}}
{{- define "common.scheduling" -}}
{{- $given := dict }}
{{- range $name, $value := pick . "affinity" "nodeSelector" "priorityClassName" "tolerations" }}
  {{- if $value }}{{ $_ := set $given $name $value }}{{ end }}
{{- end }}
{{- with $given }}{{ toYaml . }}{{ end }}
{{- end }}
