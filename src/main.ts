import { run } from './cli/main'

void run(['start'])
