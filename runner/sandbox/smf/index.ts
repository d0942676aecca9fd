/** The sandbox's Service Management Facility: svc.configd and svc.startd with their four commands. */
import { join } from 'node:path'
import type { World } from '../world.ts'
import { Contracts } from './contracts.ts'
import { Startd } from './graph/startd.ts'
import { Repository } from './repository.ts'
import { CommandServer } from './server.ts'
import { addSystemServices } from './systemServices.ts'

export interface Smf {
  /** Boot: loads the repository, answers the commands, starts what is enabled. Resolves when commands are answered. */
  start(): Promise<void>
  /** Orderly shutdown: stops the services, dependents first, and writes the repository. */
  stop(): Promise<void>
}

/** stateFolder is a folder on this machine, outside the world, for what outlives a boot. */
export function createSmf(world: World, options: { stateFolder: string }): Smf {
  const repository = new Repository(join(options.stateFolder, 'repository.json'))
  const contracts = new Contracts()
  const startd = new Startd({ world, repository, contracts })
  const server = new CommandServer({ world, repository, startd, contracts })
  return {
    async start() {
      repository.load()
      addSystemServices(repository)
      server.start()
      startd.boot()
    },
    async stop() {
      server.stop()
      await startd.shutdown()
      contracts.close()
      repository.save()
    },
  }
}
