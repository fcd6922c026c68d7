import { readFileSync } from 'node:fs'
import { join } from 'node:path'
import { newId } from '../../src/core/id'
import { BackupDrillRepository } from '../../src/modules/backup/backup-drill.repository'
import { unique, useWorld } from '../support/world'

const world = useWorld()

test('R79 a server that works says so, and that it lives', async () => {
  const read = async (path: string) => {
    const response = await fetch(`${world.portico.url}${path}`)
    return { status: response.status, body: await response.json() }
  }
  expect(await read('/health/live')).toEqual({ status: 200, body: { live: true } })
  expect(await read('/health/ready')).toEqual({ status: 200, body: { ready: true } })
})

test('tells when a backup was last tried, and whether it could be restored, and nothing more of it', async () => {
  const read = async () => (await fetch(`${world.portico.url}/health`)).json()
  expect(await read()).toEqual({ ready: true, lastBackupDrill: null })
  const drills = new BackupDrillRepository(world.db)
  const drill = { id: newId(), archive: 'secret.backup', takenAt: null, seconds: 1, rows: '1' }
  const [first, second] = [new Date('2026-11-01T04:10:00Z'), new Date('2026-11-08T04:10:00Z')]
  await drills.add({ ...drill, startedAt: first, problem: null })
  expect(await read()).toEqual({ ready: true, lastBackupDrill: { at: first.toISOString(), succeeded: true } })
  await drills.add({
    ...drill,
    id: newId(),
    startedAt: second,
    problem: 'There is no file /secret/portico.keys.',
  })
  expect(await read()).toEqual({
    ready: true,
    lastBackupDrill: { at: second.toISOString(), succeeded: false },
  })
})

test('the figures have as many rows as there are routes and statuses, whatever clients send', async () => {
  const words = Array.from({ length: 20 }, () => unique('canary'))
  for (const word of words) {
    await fetch(`${world.portico.url}/${word}?${word}=1`)
    await fetch(`${world.url}/${word}`, { method: 'DELETE' })
    await fetch(world.url, { method: 'OPTIONS', headers: { origin: `https://${word}.example` } })
    await world.anonymous.with({ 'user-agent': word }).send(`query ${word} { __typename }`, { [word]: word })
  }
  const metrics = await (await fetch(`${world.portico.url}/metrics`)).text()
  expect(metrics).not.toMatch(/canary/)
  const labels = [...metrics.matchAll(/^portico_request_duration_seconds_count\{(.*)\} \d+$/gm)].map(
    ([, row]) => row,
  )
  expect(labels.sort()).toEqual([
    'route="/graphql",status="200"',
    'route="/health",status="200"',
    'route="/health/live",status="200"',
    'route="/health/ready",status="200"',
    'route="none",status="404"',
    'route="none",status="405"',
  ])
})

test('the figures say how long operations took and how they ended, by their kind and first field', async () => {
  const person = await world.person()
  await person.api.send('query Mine { ...Screen } fragment Screen on Query { viewer { id } roles { id } }')
  await world.anonymous.send('mutation { createPost(input: { title: "T", body: "B" }) { post { id } } }')
  await world.anonymous.send('{ nothingOfTheKind }')
  const metrics = await (await fetch(`${world.portico.url}/metrics`)).text()
  const count = (row: string) => new RegExp(`^${row} ([1-9]\\d*)$`, 'm')
  expect(metrics).toMatch(count('portico_operation_duration_seconds_count{kind="query",field="viewer"}'))
  expect(metrics).toMatch(
    count('portico_operation_errors_total{kind="mutation",field="createPost",code="UNAUTHENTICATED"}'),
  )
  expect(metrics).toMatch(
    count('portico_operation_errors_total{kind="none",field="none",code="BAD_USER_INPUT"}'),
  )
  expect(metrics).toMatch(/^portico_database_connections\{state="idle"\} \d+$/m)
  expect(metrics).not.toMatch(/Mine|nothingOfTheKind/)
})

test('the dashboard and the alerts ask for figures that there are', async () => {
  const metrics = await (await fetch(`${world.portico.url}/metrics`)).text()
  const asked = ['grafana/dashboards/portico.json', 'alerts.yml']
    .map((file) => readFileSync(join(__dirname, '../../docker', file), 'utf8'))
    .flatMap((text) => [...text.matchAll(/\b((?:portico|nodejs|process)_[a-z0-9_]+)(?=[{[) >])/g)])
    .map(([, name]) => name!.replace(/_(bucket|count|sum)$/, ''))
  expect(new Set(asked).size).toBeGreaterThan(9)
  for (const name of new Set(asked)) expect(metrics).toContain(`# TYPE ${name} `)
})

test('R51 the figures do not say which version of anything runs', async () => {
  const metrics = await (await fetch(`${world.portico.url}/metrics`)).text()
  expect(metrics).toContain('process_resident_memory_bytes')
  expect(metrics).not.toContain(process.version)
})
