import { ensureNamespaceAndSecrets } from '../cluster/deploy.ts'
import { connectCluster } from '../cluster/kubectl.ts'
import type { Command } from '../command-line/command.ts'

/** `bulkhead secrets` */
export const secretsCommand: Command = {
  usage: 'secrets [--namespace NAME] [--context NAME] [--external-stores]',
  summary: 'create the missing namespace and secrets of an installation',
  details: `--namespace NAME    the namespace of the installation (default: bulkhead)
--context NAME      a context of the kubeconfig (default: the current one)
--external-stores   create no secrets for stores; you create <service>-store and <service>-event-log with their addresses in \`url\`

\`bulkhead deploy\` does this itself. Use this command with skaffold and GitOps tools, which only install charts. Existing secrets are kept.`,
  examples: [['bulkhead secrets --namespace second', 'before the first installation there']],
  options: {
    namespace: { type: 'string', default: 'bulkhead' },
    context: { type: 'string' },
    'external-stores': { type: 'boolean' }
  },
  async run({ stack, options, environment }) {
    const context = options.context === undefined ? undefined : String(options.context)
    const cluster = await connectCluster(stack.root, environment, String(options.namespace), context)
    const written = await ensureNamespaceAndSecrets(stack, cluster, {
      externalStores: options['external-stores'] === true
    })
    console.log(
      written.length > 0 ? `secrets: ${written.join(', ')}` : `${cluster.namespace} already has all its secrets`
    )
    return 0
  }
}
