import type { Command } from 'commander'
import { printContract } from '../graphql/print-schema'
import { answering } from './command'

export const define = (command: Command): Command =>
  command.action(
    answering(async () => {
      const sdl = printContract()
      return { json: { sdl }, text: sdl.trimEnd() }
    }),
  )
