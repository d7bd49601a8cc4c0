{{- /* Fails early, and says what is wrong and where. The schema checks types and unknown values. */}}
{{- define "common.validate" -}}
{{- $name := .Chart.Name }}
{{- $contract := .Files.Get "files/contract.json" | fromJson }}
{{- if not (hasKey $contract "owner") }}
  {{- fail (printf "%s: files/contract.json can't be read. Use a packaged chart, or the repository with its symbolic links" $name) }}
{{- end }}
{{- if ne $contract.owner.service $name }}
  {{- fail (printf "%s: files/contract.json belongs to %s" $name $contract.owner.service) }}
{{- end }}
{{- $version := get (.Files.Get "files/package.json" | fromJson) "version" }}
{{- if ne $version .Chart.AppVersion }}
  {{- fail (printf "%s: appVersion is %s, but package.json has %s. Run: make generate" $name .Chart.AppVersion $version) }}
{{- end }}
{{- with .Values.autoscaling }}
  {{- if and .enabled (gt (int .minReplicas) (int .maxReplicas)) }}
    {{- fail (printf "%s: autoscaling.minReplicas (%v) is above autoscaling.maxReplicas (%v)" $name .minReplicas .maxReplicas) }}
  {{- end }}
{{- end }}
{{- $ours := dict }}
{{- range include "common.environment" . | fromYamlArray }}
  {{- if hasKey $ours .name }}
    {{- fail (printf "%s: %s is set twice. Check files and secrets.more, and the variables that the chart sets itself" $name .name) }}
  {{- end }}
  {{- $_ := set $ours .name true }}
{{- end }}
{{- range keys .Values.env | sortAlpha }}
  {{- if hasKey $ours . }}
    {{- fail (printf "%s: the chart sets env.%s itself, from the contract or from another value" $name .) }}
  {{- end }}
{{- end }}
{{- include "common.validateAddresses" (list . (append (include "common.targets" . | fromJsonArray) .Values.issuers.peopleService)) }}
{{- $labels := include "common.podLabels" . | fromYaml }}
{{- range keys .Values.podLabels | sortAlpha }}
  {{- if hasKey $labels . }}
    {{- fail (printf "%s: the chart sets podLabels.%s itself" $name .) }}
  {{- end }}
{{- end }}
{{- end }}

{{- /* An address of a service that the chart does not use would have no effect: `common.validateAddresses (list $ services)`. */}}
{{- define "common.validateAddresses" -}}
{{- $services := last . | uniq | sortAlpha }}
{{- with first . }}
  {{- $chart := .Chart.Name }}
  {{- range keys .Values.addresses | sortAlpha }}
    {{- if not (has . $services) }}
      {{- fail (printf "%s: addresses.%s names none of the services that the chart uses: %s" $chart . (join ", " $services)) }}
    {{- end }}
  {{- end }}
{{- end }}
{{- end }}
