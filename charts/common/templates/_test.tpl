{{- /* `helm test`: asks through the Service if the service is ready, and if it has the contract of this chart. */}}
{{- define "common.test" -}}
{{- $name := include "common.name" . -}}
apiVersion: v1
kind: Pod
metadata:
  name: {{ $name }}-test
  labels:
    app.kubernetes.io/name: {{ $name }}-test
    app.kubernetes.io/part-of: bulkhead
    app.kubernetes.io/component: test
  annotations: { helm.sh/hook: test, helm.sh/hook-delete-policy: before-hook-creation }
spec:
  restartPolicy: Never
  activeDeadlineSeconds: 60
  automountServiceAccountToken: false
  enableServiceLinks: false
  securityContext: {{- include "common.podSecurity" 65532 | nindent 4 }}
  {{- with include "common.scheduling" .Values }}{{ nindent 2 . }}{{ end }}
  {{- with .Values.image.pullSecrets }}
  imagePullSecrets: {{- toYaml . | nindent 4 }}
  {{- end }}
  containers:
    - name: test
      {{- include "common.image" . | nindent 6 }}
      command: [node, --input-type=module, -e]
      args:
        - |
          const ask = async url => {
            const answer = await fetch(url, { signal: AbortSignal.timeout(5000) })
            if (!answer.ok) throw new Error(`${url} answers ${answer.status}`)
            return answer
          }
          await ask('http://{{ $name }}:9090/readyz')
          const { digest, owner } = await (await ask('http://{{ $name }}:8080/.well-known/contract')).json()
          console.log(`${owner.service} ${owner.version} is ready, its contract is ${digest}`)
          const expected = '{{ (include "common.contract" . | fromJson).digest }}'
          if (digest !== expected) throw new Error(`The chart describes ${expected}`)
      resources: { requests: { cpu: 10m, memory: 48Mi }, limits: { memory: 128Mi } }
      securityContext: {{- include "common.containerSecurity" . | nindent 8 }}
{{- end }}
