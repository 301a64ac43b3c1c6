/** What only the host does: go live and take the own seat; and how the studio follows the room. */

import { Abandoned } from "./abandoned.js";
import { Chime } from "./chime.js";
import { OwnLine } from "./own_line.js";
import { Page } from "./page.js";
import { SeatActions } from "./seat_actions.js";
import { Staff } from "./staff_actions.js";
import { openRequests } from "./staff_state.js";

export class Studio {
  page = new Page();
  seat = new SeatActions(this.page);
  staff = new Staff(this.page);
  line = new OwnLine(this.page);
  abandoned = new Abandoned(this.page, new Chime());
  #wasLive = false;
  #hasSummary = false;

  constructor() {
    this.page.store.subscribe(() => this.#follow());
  }

  /** Takes the devices if they were not tried before, then opens the show. */
  goLive() {
    const { check, room } = this.page.state;
    const media = check.media ?? "video";
    return this.page.run("goLive", async () => {
      if (room.info?.options.keepOwnerOnSeat || check.media) await this.page.takeDevices(media);
      await this.page.room.goLive({ media });
    });
  }

  /** Opens the show without the host on the stage, whom the room then keeps no seat for; a way in without devices. */
  goLiveOffStage() {
    return this.page.run("goLive", async () => {
      await this.page.room.updateRoom({ keepOwnerOnSeat: false });
      await this.page.room.goLive();
      this.page.dropDevices();
    });
  }

  /** The host's own seat, in a room that does not keep it. */
  takeSeat() {
    const media = this.page.state.check.media ?? "video";
    return this.page.run("takeSeat", async () => {
      await this.page.takeDevices(media);
      await this.page.room.takeSeat({ media, seatIndex: 0 });
    });
  }

  copyLink() {
    return this.page.copy(new URL(this.page.config.audienceUrl, location.href).href, "audience");
  }

  #follow() {
    const { room } = this.page.state;
    const isLive = room.info?.status === "live" && room.status.phase !== "closed";
    const waiting = openRequests(room, "application").length;
    const sign = this.page.room.isHere ? "● ON AIR – " : this.page.state.isNobodys ? "⚠ Nobody – " : "Live – ";
    document.title = `${isLive ? sign : ""}${waiting ? `(${waiting}) ` : ""}${this.page.title}`;
    if (isLive !== this.#wasLive) {
      this.#wasLive = isLive;
      if (isLive) this.page.announcer.assertive("You are live.");
      else this.page.dropDevices();
    }
    if (room.info?.status === "ended" && room.status.phase === "open" && !this.#hasSummary) {
      this.#hasSummary = true;
      void this.#sumUp();
    }
  }

  /** A lost line is no news; a reload asks again. */
  async #sumUp() {
    const summary = await this.page.room.getSummary().catch(() => null);
    this.page.store.update({ summary });
  }
}
