import { ZxcvbnFactory } from '@zxcvbn-ts/core'
import * as common from '@zxcvbn-ts/language-common'
import * as english from '@zxcvbn-ts/language-en'
import { parentPort } from 'node:worker_threads'
import type { Question, Strength } from './strength-meter'

/*
 * Estimates the strength of passwords on a thread of its own: a hostile one takes seconds, in which nobody else should
 * have to wait. It says a first word once it is ready.
 */

const meter = new ZxcvbnFactory({
  translations: english.translations,
  graphs: common.adjacencyGraphs,
  dictionary: { ...common.dictionary, ...english.dictionary },
})

parentPort!.on('message', ({ id, password, personal }: Question) => {
  const { score, feedback } = meter.check(password, [...personal])
  const strength: Strength = { score, warning: feedback.warning || null, suggestions: feedback.suggestions }
  parentPort!.postMessage({ id, strength })
})
parentPort!.postMessage('ready')
