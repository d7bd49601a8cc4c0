import type { Panel } from './panel.ts'
import { maxBy, series, sumBy } from './queries.ts'

const noDataReason = 'kube-state-metrics runs only in a cluster'

/** The rollouts of services, from kube-state-metrics. */
export function deployments(): Panel[] {
  return [
    {
      title: 'Missing replicas',
      description:
        'Replicas that a Deployment wants and that are not available. During a rollout a service may lack none. Look at the reasons for waiting below.',
      unit: 'short',
      limit: { bad: 1 },
      queries: [
        {
          expr: `${maxBy('deployment', series('kube_deployment_spec_replicas'))} - ${maxBy('deployment', series('kube_deployment_status_replicas_available'))}`,
          legend: '{{deployment}}'
        }
      ],
      noDataReason
    },
    {
      title: 'Replicas of the old version',
      description:
        'Replicas that a running rollout has not replaced yet. If the number stays for minutes, the new version does not become ready: `kubectl rollout status`.',
      unit: 'short',
      queries: [
        {
          expr: `${maxBy('deployment', series('kube_deployment_status_replicas'))} - ${maxBy('deployment', series('kube_deployment_status_replicas_updated'))}`,
          legend: '{{deployment}}'
        }
      ],
      noDataReason
    },
    {
      title: 'Replicas wanted by the autoscaler',
      description:
        'If it stays at the maximum, raise `autoscaling.maxReplicas`, or find out why requests became expensive.',
      unit: 'short',
      queries: [
        {
          expr: maxBy('horizontalpodautoscaler', series('kube_horizontalpodautoscaler_status_desired_replicas')),
          legend: '{{horizontalpodautoscaler}}'
        }
      ],
      noDataReason
    }
  ]
}

/** The pods, from kube-state-metrics. */
export function pods(): Panel[] {
  return [
    {
      title: 'Restarts in the last hour',
      description:
        'Containers that ended and were started again. Read the end of the log before: `kubectl logs --previous POD`.',
      unit: 'short',
      limit: { bad: 1 },
      queries: [
        {
          expr: sumBy('pod', `increase(${series('kube_pod_container_status_restarts_total')}[1h])`),
          legend: '{{pod}}'
        }
      ],
      noDataReason
    },
    {
      title: 'Why containers wait',
      description:
        'Containers that wait, by reason. ImagePullBackOff: the image is missing. CrashLoopBackOff: the container ends at its start.',
      unit: 'short',
      limit: { bad: 1 },
      queries: [
        {
          expr: `${sumBy('pod, reason', series('kube_pod_container_status_waiting_reason'))} > 0`,
          legend: '{{pod}}: {{reason}}'
        }
      ],
      noDataReason
    },
    {
      title: 'Stores that are ready',
      description: 'Ready pods of each store. At 0 the store is down: look at its pod and its volume.',
      unit: 'short',
      limit: { bad: 1, isBadBelow: true },
      queries: [
        {
          expr: maxBy('statefulset', series('kube_statefulset_status_replicas_ready')),
          legend: '{{statefulset}}'
        }
      ],
      noDataReason
    }
  ]
}
