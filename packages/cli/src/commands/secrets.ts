import { keepNamespaceAndSecrets } from '../cluster/deploy.ts'
import { connectCluster } from '../cluster/kubectl.ts'
import type { Command } from '../command.ts'

/** `bulkhead secrets` */
export const secretsCommand: Command = {
  usage: 'secrets [--namespace NAME] [--context NAME] [--external-stores]',
  summary: 'make the namespace and the secrets of an installation that are missing',
  details: `--namespace NAME    of the installation: bulkhead when not given
--context NAME      of the kubeconfig, when it is not the current one
--external-stores   none of stores: \`url\` in the Secrets <service>-store and <service>-event-log tells where they are, and is yours to give

\`bulkhead deploy\` does so by itself: this is for skaffold and tools of GitOps, which install the charts alone. What is there stays as it is.`,
  examples: [['bulkhead secrets --namespace second', 'before anything is installed there']],
  options: {
    namespace: { type: 'string', default: 'bulkhead' },
    context: { type: 'string' },
    'external-stores': { type: 'boolean' }
  },
  async run({ stack, options, environment }) {
    const context = options.context === undefined ? undefined : String(options.context)
    const cluster = await connectCluster(stack.root, environment, String(options.namespace), context)
    const written = await keepNamespaceAndSecrets(stack, cluster, {
      externalStores: options['external-stores'] === true
    })
    console.log(written.length > 0 ? `secrets: ${written.join(', ')}` : `${cluster.namespace} has its secrets`)
    return 0
  }
}
