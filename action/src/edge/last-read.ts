import { type ControlRoom, loadControlRoom, type RoomInput } from '../manifest/load.ts';

/** Remembers what a run read last, for those who speak of it afterwards. */
export interface LastRead {
  load(): Promise<RoomInput>;
  /** Checked once, however often it is asked for; `undefined` until something was read. */
  room(): ControlRoom | undefined;
}

export function lastRead(read: () => Promise<RoomInput>): LastRead {
  let input: RoomInput | undefined;
  let room: ControlRoom | undefined;
  return {
    load: async () => {
      room = undefined;
      input = await read();
      return input;
    },
    room: () => {
      room ??= input && loadControlRoom(input);
      return room;
    },
  };
}
