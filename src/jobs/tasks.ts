import type { AnyTask } from '../db/task'
import { forgetFailedJobs } from './failed-jobs.task'

/** Every task. What is asked for and does not stand here waits for a version that knows it. */
export const tasks: readonly AnyTask[] = [forgetFailedJobs]
