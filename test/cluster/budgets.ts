/**
 * The seconds that each part may take on 2 cores. A key is a part's name, or the start of its name. docs/kubernetes.md shows the table.
 */
export const budgets: Record<string, number> = {
  'from images to all ready': 10,
  'charts are valid': 20,
  'two ready replicas, small at rest': 150,
  'helm test of every release': 60,
  'smoke through the Gateway': 30,
  'separation of stores': 30,
  'separation of tokens': 30,
  'separation of pods': 30,
  'upgrade and rollback of': 150,
  'broken releases are stopped': 300,
  'every pod deleted, and the kubelet restarted': 300,
  'autoscaling up and down': 330,
  'two installations side by side': 120,
  'skaffold diagnose': 60,
  'skaffold render': 60,
  'skaffold run': 240
}

/** Returns the budget of a part; undefined if it has none. */
export const budgetOf = (name: string): number | undefined =>
  Object.entries(budgets).find(([start]) => name.startsWith(start))?.[1]
