{{- /* Where pods may run, including the pods of tests. Values that are not set render nothing. */}}
{{- define "common.scheduling" -}}
{{- $given := dict }}
{{- range $name, $value := pick . "affinity" "nodeSelector" "priorityClassName" "tolerations" }}
  {{- if $value }}{{ $_ := set $given $name $value }}{{ end }}
{{- end }}
{{- with $given }}{{ toYaml . }}{{ end }}
{{- end }}
