import { ArgsType } from 'type-graphql'
import { Text } from '../../api/input'

@ArgsType()
export class EventSummaryArguments {
  @Text({
    description:
      'In which language, as a language tag; in that of whoever asks, unless given. There are English and German.',
    max: 35,
    optional: true,
  })
  locale?: string
}
