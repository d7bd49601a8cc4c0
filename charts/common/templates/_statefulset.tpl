{{- /*
One replica of a store with its volume. The chart defines `store.container` (the rest of the container), `store.volumes` (a list or nothing) and
`store.isPersistent` (empty if the data is lost with the pod). Nothing here changes with the version of the chart, so a new version alone does not
restart the pod.
*/}}
{{- define "common.statefulSet" -}}
apiVersion: apps/v1
kind: StatefulSet
metadata: {{- include "common.metadata" . | nindent 2 }}
spec:
  replicas: 1
  serviceName: {{ include "common.name" . }}
  selector: { matchLabels: { {{- include "common.selector" . -}} } }
  template:
    metadata:
      labels: {{- include "common.podLabels" . | nindent 8 }}
    spec:
      automountServiceAccountToken: false
      enableServiceLinks: false
      # Time to write the memory to disk.
      terminationGracePeriodSeconds: 60
      securityContext: {{- include "common.podSecurity" (int .Values.runAsUser) | nindent 8 }}
      {{- with include "common.scheduling" .Values }}{{ nindent 6 . }}{{ end }}
      {{- with .Values.image.pullSecrets }}
      imagePullSecrets: {{- toYaml . | nindent 8 }}
      {{- end }}
      containers:
        - name: store
          {{- include "common.image" . | nindent 10 }}
          {{- include "store.container" . | nindent 10 }}
          resources: {{- toYaml .Values.resources | nindent 12 }}
          securityContext: {{- include "common.containerSecurity" . | nindent 12 }}
        {{- with include "common.exporter" . }}{{ nindent 8 . }}{{ end }}
      volumes:
        - { name: tmp, emptyDir: {} }
        {{- if not (include "store.isPersistent" .) }}
        - { name: data, emptyDir: {} }
        {{- end }}
        {{- with include "store.volumes" . }}{{ nindent 8 . }}{{ end }}
  {{- if include "store.isPersistent" . }}
  volumeClaimTemplates:
    - metadata: { name: data }
      spec:
        accessModes: [ReadWriteOnce]
        {{- with .Values.persistence.storageClass }}
        storageClassName: {{ . }}
        {{- end }}
        resources: { requests: { storage: {{ .Values.persistence.size }} } }
  {{- end }}
{{- end }}
