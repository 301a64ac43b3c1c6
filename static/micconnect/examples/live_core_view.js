/** The walk through LiveCoreView: the audience asks, the host answers, the list changes, the host takes off. */

import { LiveCoreView } from "../facades/live_core_view.js";
import { button, config, element, isHost, log, names, open, rows, run } from "./page.js";

const view = new LiveCoreView({ open, container: element("people") });

function draw() {
  rows("requests", view.connectionRequestList, {
    Accept: ({ userId }) => view.respondIntraRoomConnection(userId, true),
    Reject: ({ userId }) => view.respondIntraRoomConnection(userId, false),
  });
  rows(
    "on-air",
    view.connectedUserList.filter(({ seatIndex }) => seatIndex > 0),
    { "Take off": ({ userId }) => view.disconnectUser(userId) },
  );
}

view.addEventListener("change", draw);
view.registerConnectionObserver({
  onConnectedUsersUpdated: (userList, joinList, leaveList) =>
    log("onConnectedUsersUpdated", `${names(userList)}; came: ${names(joinList)}; went: ${names(leaveList)}`),
  onUserConnectionRequest: (user) => log("onUserConnectionRequest", user.userName),
  onUserConnectionCancelled: (user) => log("onUserConnectionCancelled", user.userName),
  onUserConnectionAccepted: (user) => log("onUserConnectionAccepted", user.userName),
  onUserConnectionRejected: (user) => log("onUserConnectionRejected", user.userName),
  onUserConnectionTimeout: (user) => log("onUserConnectionTimeout", user.userName),
  onUserConnectionTerminated: () => log("onUserConnectionTerminated"),
  onUserConnectionExited: (user) => log("onUserConnectionExited", user.userName),
  onRoomDismissed: (roomId) => log("onRoomDismissed", roomId),
});

button("start", () => view.startLiveStream({ roomId: config.roomId }));
button("stop", () => view.stopLiveStream());
button("ask-video", () => view.requestIntraRoomConnection("", 60, true));
button("ask-audio", () => view.requestIntraRoomConnection("", 60, false));
button("cancel", () => view.cancelIntraRoomConnection(""));
button("leave-seat", () => view.terminateIntraRoomConnection());
if (!isHost) void run(() => view.joinLiveStream(config.roomId));
