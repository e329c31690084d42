import { hostedLane } from './hosted.ts';

await hostedLane(2, 2);
