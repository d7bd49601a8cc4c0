// Copies the keys that the cluster signs ServiceAccount tokens with into a ConfigMap. If it can't read them, the old ones stay.
import { readFileSync } from 'node:fs'

const { API_SERVER, NAMESPACE, NAME } = process.env
const token = readFileSync(process.env.TOKEN_FILE, 'utf8').trim()

async function ask(path, init) {
  const headers = { Authorization: `Bearer ${token}`, ...init?.headers }
  const answer = await fetch(API_SERVER + path, { ...init, headers, signal: AbortSignal.timeout(10_000) })
  const text = await answer.text()
  if (!answer.ok) throw new Error(`${path} answers ${answer.status}: ${text.slice(0, 500)}`)
  return JSON.parse(text)
}

const jwks = await ask('/openid/v1/jwks')
if (!(jwks.keys?.length > 0)) throw new Error('The API server publishes no keys')
const configMap = {
  apiVersion: 'v1',
  kind: 'ConfigMap',
  metadata: { name: NAME, labels: { 'app.kubernetes.io/part-of': 'bulkhead' } },
  data: { 'jwks.json': JSON.stringify(jwks) }
}
await ask(`/api/v1/namespaces/${NAMESPACE}/configmaps/${NAME}?fieldManager=${NAME}&force=true`, {
  method: 'PATCH',
  headers: { 'Content-Type': 'application/apply-patch+yaml' },
  body: JSON.stringify(configMap)
})
console.log(`${jwks.keys.length} keys were written to ConfigMap ${NAME}`)
