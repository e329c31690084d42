import { hostedLane } from './hosted.ts';

await hostedLane(1, 2);
