{{- /* The ConfigMap with the keys is not in this chart, because an upgrade would overwrite the keys. */}}
{{- define "platform.keysPod" -}}
metadata:
  labels:
    app.kubernetes.io/name: services-jwks
    app.kubernetes.io/part-of: bulkhead
    app.kubernetes.io/component: platform
spec:
  restartPolicy: OnFailure
  serviceAccountName: services-jwks
  enableServiceLinks: false
  securityContext: {{- include "common.podSecurity" 65532 | nindent 4 }}
  {{- with include "common.scheduling" .Values.keys }}{{ nindent 2 . }}{{ end }}
  {{- with .Values.keys.image.pullSecrets }}
  imagePullSecrets: {{- toYaml . | nindent 4 }}
  {{- end }}
  containers:
    - name: services-jwks
      image: {{ .Values.keys.image.repository }}:{{ .Values.keys.image.tag }}
      imagePullPolicy: {{ .Values.keys.image.pullPolicy }}
      command: [node, --input-type=module, -e]
      args:
        - |
          {{- .Files.Get "files/services-jwks.mjs" | nindent 10 }}
      env:
        - { name: API_SERVER, value: https://kubernetes.default.svc }
        - { name: NAMESPACE, valueFrom: { fieldRef: { fieldPath: metadata.namespace } } }
        - { name: NAME, value: services-jwks }
        - { name: TOKEN_FILE, value: /var/run/secrets/kubernetes.io/serviceaccount/token }
        - { name: NODE_EXTRA_CA_CERTS, value: /var/run/secrets/kubernetes.io/serviceaccount/ca.crt }
      resources: { requests: { cpu: 10m, memory: 48Mi }, limits: { memory: 128Mi } }
      securityContext: {{- include "common.containerSecurity" . | nindent 8 }}
{{- end }}

{{- define "platform.keysMetadata" -}}
name: services-jwks
labels: {{- include "common.labels" . | nindent 2 }}
{{- end }}
