import { connectCluster } from '../cluster/kubectl.ts'
import { undeploy } from '../cluster/undeploy.ts'
import type { Command } from '../command-line/command.ts'
import { CLUSTER_HELP, NAMESPACE } from './deploy.ts'

/** `bulkhead undeploy` */
export const undeployCommand: Command = {
  usage: 'undeploy [--namespace NAME]',
  summary: 'remove an installation from a cluster, with its data and its namespace',
  details: `${CLUSTER_HELP}

Refuses a namespace that \`bulkhead deploy\` did not make, or that has releases of other charts. If it takes too long and fails, run it again.`,
  examples: [['bulkhead undeploy --namespace second', 'the second installation']],
  options: { namespace: { type: 'string', default: NAMESPACE } },
  async run({ stack, options, environment }) {
    const cluster = await connectCluster(stack.root, environment, String(options.namespace))
    const wasInstalled = await undeploy(stack, cluster)
    console.log(wasInstalled ? `Removed ${cluster.namespace}` : `There is no namespace ${cluster.namespace}`)
    return 0
  }
}
