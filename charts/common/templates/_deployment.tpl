{{- /* All configuration is in the pod template, so each change of it starts new pods. */}}
{{- define "common.deployment" -}}
apiVersion: apps/v1
kind: Deployment
metadata: {{- include "common.metadata" . | nindent 2 }}
spec:
  {{- if not .Values.autoscaling.enabled }}
  replicas: {{ .Values.replicas }}
  {{- end }}
  minReadySeconds: {{ .Values.minReadySeconds }}
  revisionHistoryLimit: 3
  progressDeadlineSeconds: 120
  strategy: { type: RollingUpdate, rollingUpdate: { maxUnavailable: 0, maxSurge: 1 } }
  selector: { matchLabels: { {{- include "common.selector" . -}} } }
  template:
    metadata:
      labels: {{- include "common.podLabels" . | nindent 8 }}
        {{- with .Values.podLabels }}{{ toYaml . | nindent 8 }}{{ end }}
      {{- with .Values.podAnnotations }}
      annotations: {{- toYaml . | nindent 8 }}
      {{- end }}
    spec:
      serviceAccountName: {{ include "common.name" . }}
      automountServiceAccountToken: false
      enableServiceLinks: false
      # A pod stops in this order: drainSeconds, 25 s for requests, 25 s for the management port, then the last events.
      terminationGracePeriodSeconds: {{ add .Values.drainSeconds 60 }}
      securityContext: {{- include "common.podSecurity" 65532 | nindent 8 }}
      {{- with .Values.image.pullSecrets }}
      imagePullSecrets: {{- toYaml . | nindent 8 }}
      {{- end }}
      {{- with include "common.scheduling" .Values }}{{ nindent 6 . }}{{ end }}
      topologySpreadConstraints: {{- include "common.topologySpread" . | nindent 8 }}
      containers: {{- include "common.container" . | nindent 8 }}
      volumes: {{- include "common.volumes" . | nindent 8 }}
{{- end }}

{{- define "common.topologySpread" -}}
{{- range list "topology.kubernetes.io/zone" "kubernetes.io/hostname" }}
- topologyKey: {{ . }}
  maxSkew: 1
  whenUnsatisfiable: ScheduleAnyway
  labelSelector: { matchLabels: { {{- include "common.selector" $ -}} } }
  matchLabelKeys: [pod-template-hash]
{{- end }}
{{- end }}
