import { globSync, readFileSync } from 'node:fs'
import { basename, dirname, join, resolve } from 'node:path'
import type { Context } from 'mocha'
import { parseAllDocuments } from 'yaml'
import { findHelm, helm, NO_HELM, releaseOf } from '../../scripts/helm.ts'

export const ROOT = join(import.meta.dirname, '../..')

export type Variable = {
  name: string
  value?: string
  valueFrom?: { secretKeyRef?: { name: string; key: string }; fieldRef?: { fieldPath: string } }
}

type Container = {
  image: string
  args?: string[]
  env?: Variable[]
  resources: { requests: Record<string, string>; limits: Record<string, string> }
  securityContext: object
  volumeMounts?: { name: string; mountPath: string; readOnly?: boolean }[]
}

export type PodSpec = {
  automountServiceAccountToken?: boolean
  terminationGracePeriodSeconds?: number
  nodeSelector?: object
  tolerations?: object[]
  affinity?: object
  priorityClassName?: string
  serviceAccountName?: string
  securityContext: object
  containers: [Container, ...Container[]]
  volumes?: { name: string; projected?: { sources: object[] } }[]
}

type Template = { metadata: { labels: Record<string, string> }; spec: PodSpec }

/** The fields of a Kubernetes object that the tests read. */
export type Manifest = {
  kind: string
  metadata: { name: string; labels: Record<string, string>; annotations?: Record<string, string> }
  data?: Record<string, string>
  rules?: object[]
  spec: PodSpec & {
    replicas?: number
    minReadySeconds?: number
    strategy?: object
    template?: Template
    jobTemplate?: { spec: { template: Template } }
    ingress?: Rule[]
    egress?: Rule[]
    volumeClaimTemplates?: object[]
    ports?: object[]
  }
}

type Rule = { from?: Peer[]; to?: Peer[]; ports: { port: number }[] }
type Peer = { podSelector?: { matchLabels: Record<string, string> }; namespaceSelector?: object }

export const CHARTS = globSync('charts/*/values.schema.json', { cwd: ROOT }).map(file => basename(dirname(file)))
export const SERVICES = globSync('services/*/package.json', { cwd: ROOT }).map(file => basename(dirname(file)))

export const readJson = (file: string) => JSON.parse(readFileSync(join(ROOT, file), 'utf8'))

/** Skips a suite or a test, and prints the reason, if helm is not installed. */
export function needHelm(this: Context) {
  if (findHelm() !== undefined) return
  console.log(NO_HELM)
  this.skip()
}

/** Renders a chart with values such as `replicas=3`. Rejects with helm's message. */
export async function render(chart: string, ...values: string[]): Promise<Manifest[]> {
  return renderAs(releaseOf(chart), chart, ...values)
}

const rendered = new Map<string, Promise<Manifest[]>>()

/** Renders a chart with a release name. The chart may be a path. Caches results, so that the same call renders only once. */
export function renderAs(release: string, chart: string, ...values: string[]): Promise<Manifest[]> {
  const key = JSON.stringify([release, chart, ...values])
  const known = rendered.get(key) ?? manifestsOf(release, chart, values)
  rendered.set(key, known)
  return known
}

const valuesOf = (values: string[]) => values.flatMap(value => ['--set-json', value])

/** Renders a chart as for a cluster with the Prometheus Operator. */
export async function renderWithOperator(chart: string, ...values: string[]): Promise<Manifest[]> {
  return manifestsOf(releaseOf(chart), chart, values, ['--api-versions', 'monitoring.coreos.com/v1'])
}

/** Returns the notes that helm prints after an installation in namespace `shop`. */
export async function notesOf(chart: string, ...values: string[]): Promise<string> {
  const options = ['--namespace', 'shop', '--dry-run=client', ...valuesOf(values)]
  const text = await helm(findHelm()!, 'install', releaseOf(chart), join(ROOT, 'charts', chart), ...options)
  return text.slice(text.indexOf('\nNOTES:'))
}

async function manifestsOf(
  release: string,
  chart: string,
  values: string[],
  options: string[] = []
): Promise<Manifest[]> {
  const folder = resolve(ROOT, 'charts', chart)
  const text = await helm(findHelm()!, 'template', release, folder, ...valuesOf(values), ...options)
  return parseAllDocuments(text).flatMap(document => (document.contents === null ? [] : [document.toJS() as Manifest]))
}

/** Finds the object of a kind, and of a name if there are several. */
export function ofKind(manifests: Manifest[], kind: string, name?: string): Manifest {
  const found = manifests.find(one => one.kind === kind && (name === undefined || one.metadata.name === name))
  if (found === undefined) throw new Error(`There is no ${kind} ${name ?? ''}`)
  return found
}

/** Returns the spec of the pods that an object creates; undefined for objects without pods. */
export const podOf = ({ kind, spec }: Manifest): PodSpec | undefined =>
  kind === 'Pod' ? spec : (spec?.template ?? spec?.jobTemplate?.spec.template)?.spec
