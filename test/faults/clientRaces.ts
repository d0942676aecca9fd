/** Two administrators' clients against each other, each with a project of its own, for one host. */
import { otherController, writeFar } from '../e2e/otherController.ts'
import { packTiny, tinyRecipe } from '../e2e/tinyPackage.ts'
import { eventsOf, type Outcome, Workshop } from '../e2e/workshop.ts'
import type { Fault } from './faults.ts'
import type { Verdict } from './faultWorld.ts'

const NOTES = 'var/tmp/entered'
/** Each notes that it has come in; where another one has not gone yet, that too. */
const NOTED = [
  '#!/bin/sh',
  'mkdir /var/tmp/inside || echo "both, and $TINY_VALUE" >>/var/tmp/entered',
  'echo "$TINY_VALUE" >>/var/tmp/entered',
  'sleep 0.3',
  'rmdir /var/tmp/inside',
].join('\n')

export class ClientRaces {
  readonly #world = new Workshop()
  readonly #clients: Workshop[] = []
  #races = 0

  async open(): Promise<void> {
    this.#world.write('hosts.yaml', JSON.stringify({ hosts: { box: { address: 'sandbox' } } }))
    const { code, stdout, stderr } = await this.#world.command('sandbox', 'start', 'box')
    if (code !== 0) throw new Error(stdout + stderr)
    const archive = packTiny(this.#world.archives, '1.0', {
      configure: (text) => text.replace('#!/bin/sh', NOTED),
    })
    for (let count = 0; count < 2; count++) {
      const client = otherController(this.#world, 'box')
      client.write('recipes/tiny.yaml', tinyRecipe(archive))
      this.#clients.push(client)
    }
  }

  /** Both at once, each with another build in mind. options: of both. */
  async once(...options: string[]): Promise<Verdict> {
    const race = ++this.#races
    const before = this.#notes().length
    const runs = this.#clients.map(async (client, index) => {
      const value = `client ${index} of race ${race}`
      writeFar(client, this.#world, 'box', { env: { TINY_VALUE: value }, recipes: { tiny: '*' } })
      const words = ['far', '--json', '--sources', this.#world.archives, ...options]
      return { value, outcome: await client.command(...words) }
    })
    const why = this.#faults(await Promise.all(runs), this.#notes().slice(before))
    return { recovered: why.length === 0, lost: undefined, why }
  }

  #notes(): string[] {
    return (this.#world.read('box', NOTES) ?? '').split('\n').filter(Boolean)
  }

  /** Who was let in has built and installed, one after the other; who was not was told who had the host. */
  #faults(runs: readonly { value: string; outcome: Outcome }[], notes: readonly string[]): string[] {
    const why: string[] = []
    const winners = runs.filter(({ outcome }) => outcome.code === 0).map(({ value }) => value)
    if (notes.toSorted().join() !== winners.toSorted().join())
      why.push(`came in: ${notes.join(', ')}; succeeded: ${winners.join(', ')}`)
    if (winners.length === 0) why.push('nobody came in')
    const installed = this.#world.read('box', 'opt/local/share/tiny/value')?.trim()
    if (installed !== notes.at(-1)) why.push(`${installed} is installed`)
    for (const { value, outcome } of runs) {
      if (outcome.code === 0) continue
      const [error] = eventsOf(outcome.stdout).flatMap(({ error }) => (error ? [error] : []))
      const { code, message } = (error ?? {}) as Record<string, string>
      if (outcome.code !== 75 || code !== 'LOCKED' || !/ by \S+@\S+ since /.test(message ?? ''))
        why.push(`${value} ended with ${outcome.code}: ${message}`)
    }
    return why
  }

  async close(): Promise<void> {
    for (const client of this.#clients) await client.close()
    await this.#world.close()
  }
}

function races(name: string, times: number, ...options: string[]): Fault {
  return {
    name,
    times,
    async open() {
      const world = new ClientRaces()
      await world.open()
      return { close: () => world.close(), once: () => world.once(...options) }
    },
  }
}

export const clientFaults: Fault[] = [
  races('two clients raced against each other: both never enter', 200),
  races('the same with --wait: one after the other', 10, '--wait', '5'),
]
