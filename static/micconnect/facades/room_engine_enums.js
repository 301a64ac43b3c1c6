/** The numbers of the seed system's room engine, by its names, as its programs import them. */

/** Without those of chat, gifts, rooms that join each other, and the rest that this system has not. */
export const TUIErrorCode = Object.freeze({
  ERR_SUCC: 0,
  ERR_FAILED: -1,
  ERR_FREQ_LIMIT: -2,
  ERR_REPEAT_OPERATION: -3,
  ERR_INVALID_PARAMETER: -1001,
  ERR_SDK_NOT_INITIALIZED: -1002,
  ERR_PERMISSION_DENIED: -1003,
  ERR_CAMERA_START_FAILED: -1100,
  ERR_CAMERA_NOT_AUTHORIZED: -1101,
  ERR_CAMERA_OCCUPIED: -1102,
  ERR_CAMERA_DEVICE_EMPTY: -1103,
  ERR_MICROPHONE_START_FAILED: -1104,
  ERR_MICROPHONE_NOT_AUTHORIZED: -1105,
  ERR_MICROPHONE_OCCUPIED: -1106,
  ERR_MICROPHONE_DEVICE_EMPTY: -1107,
  ERR_GET_SCREEN_SHARING_TARGET_FAILED: -1108,
  ERR_START_SCREEN_SHARING_FAILED: -1109,
  ERR_LIVE_REQUEST_SERVER_TIMEOUT: -1300,
  ERR_OPERATION_INVALID_BEFORE_ENTER_ROOM: -2101,
  ERR_EXIT_NOT_SUPPORTED_FOR_ROOM_OWNER: -2102,
  ERR_OPERATION_NOT_SUPPORTED_IN_CURRENT_ROOM_TYPE: -2103,
  ERR_ROOM_ID_INVALID: -2105,
  ERR_ROOM_NAME_INVALID: -2107,
  ERR_ALREADY_IN_OTHER_ROOM: -2108,
  ERR_USER_NOT_EXIST: -2200,
  ERR_NEED_OWNER_PERMISSION: -2300,
  ERR_NEED_ADMIN_PERMISSION: -2301,
  ERR_REQUEST_NO_PERMISSION: -2310,
  ERR_REQUEST_ID_INVALID: -2311,
  ERR_REQUEST_ID_REPEAT: -2312,
  ERR_MAX_SEAT_COUNT_LIMIT: -2340,
  ERR_SEAT_INDEX_NOT_EXIST: -2344,
  ERR_OPEN_MICROPHONE_NEED_SEAT_UNLOCK: -2360,
  ERR_OPEN_MICROPHONE_NEED_PERMISSION_FROM_ADMIN: -2361,
  ERR_OPEN_CAMERA_NEED_SEAT_UNLOCK: -2370,
  ERR_OPEN_CAMERA_NEED_PERMISSION_FROM_ADMIN: -2371,
  ERR_OPEN_SCREEN_SHARE_NEED_SEAT_UNLOCK: -2372,
  ERR_OPEN_SCREEN_SHARE_NEED_PERMISSION_FROM_ADMIN: -2373,
  ERR_SERVER_SYSTEM_ERROR: 100001,
  ERR_SERVER_INVALID_PARAMETER: 100002,
  ERR_ROOM_ID_OCCUPIED: 100003,
  ERR_ROOM_ID_NOT_EXIST: 100004,
  ERR_USER_NOT_ENTERED: 100005,
  ERR_NO_PERMISSION: 100006,
  ERR_ROOM_USER_FULL: 100008,
  ERR_REQUEST_CONFLICT: 100102,
  ERR_SEAT_OCCUPIED: 100210,
  ERR_ALREADY_IN_SEAT: 100203,
  ERR_SEAT_LOCKED: 100200,
  ERR_ALL_SEAT_OCCUPIED: 100205,
  ERR_USER_NOT_IN_SEAT: 100206,
  ERR_SEAT_NOT_SUPPORT_LINK_MIC: 100211,
  ERR_ROOM_METADATA_EXCEED_KEY_COUNT_LIMIT: 100500,
  ERR_ROOM_METADATA_EXCEED_VALUE_SIZE_LIMIT: 100501,
});

export const TUIRole = Object.freeze({
  kRoomOwner: 0,
  kAdministrator: 1,
  kGeneralUser: 2,
});

export const TUISeatMode = Object.freeze({
  kFreeToTake: 1,
  kApplyToTake: 2,
});

export const TUIRoomType = Object.freeze({
  kConference: 1,
  kLive: 2,
});

export const TUIMediaDevice = Object.freeze({
  kMicrophone: 1,
  kCamera: 2,
  kScreen: 3,
});

export const TUIMediaDeviceType = Object.freeze({
  kMediaDeviceTypeUnknown: -1,
  kMediaDeviceTypeAudioInput: 0,
  kMediaDeviceTypeAudioOutput: 1,
  kMediaDeviceTypeVideoCamera: 2,
});

export const TUIMediaDeviceState = Object.freeze({
  kMediaDeviceStateAdd: 0,
  kMediaDeviceStateRemove: 1,
  kMediaDeviceStateActive: 2,
});

export const TUIVideoStreamType = Object.freeze({
  kCameraStream: 0,
  kScreenStream: 1,
  kCameraStreamLow: 2,
});

export const TUIVideoQuality = Object.freeze({
  kVideoQuality_360p: 1,
  kVideoQuality_540p: 2,
  kVideoQuality_720p: 3,
  kVideoQuality_1080p: 4,
});

export const TUIAudioQuality = Object.freeze({
  kAudioProfileSpeech: 0,
  kAudioProfileDefault: 1,
  kAudioProfileMusic: 2,
});

export const TUIResolutionMode = Object.freeze({
  kResolutionMode_Landscape: 0,
  kResolutionMode_Portrait: 1,
});

export const TUIRenderMode = Object.freeze({
  kRenderModeFill: "fill",
  kRenderModeFit: "fit",
});

export const TUIAudioRoute = Object.freeze({
  kAudioRouteSpeakerphone: 0,
  kAudioRouteEarpiece: 1,
});

export const TUICaptureSourceType = Object.freeze({
  kWindow: 0,
  kScreen: 1,
});

export const TUIChangeReason = Object.freeze({
  kChangedBySelf: 0,
  kChangedByAdmin: 1,
});

export const TUIDeviceStatus = Object.freeze({
  TUIDeviceStatusOpened: 0,
  TUIDeviceStatusClosedBySelf: 1,
  TUIDeviceStatusClosedByAdmin: 2,
});

export const TUIKickedOutOfRoomReason = Object.freeze({
  kKickedByAdmin: 0,
  kKickedByLoggedOnOtherDevice: 1,
  kKickedByServer: 2,
  kNetworkDisconnected: 3,
  kJoinRoomStatusInvalidDuringOffline: 4,
  kCountOfJoinedRoomsExceedLimit: 5,
});

export const TUIRoomDismissedReason = Object.freeze({
  kByOwner: 1,
  kByServer: 2,
});

export const TUINetworkQuality = Object.freeze({
  kQualityUnknown: 0,
  kQualityExcellent: 1,
  kQualityGood: 2,
  kQualityPoor: 3,
  kQualityBad: 4,
  kQualityVeryBad: 5,
  kQualityDown: 6,
});

export const TUIMoveSeatPolicy = Object.freeze({
  kAbortWhenOccupied: 0,
  kForceReplace: 1,
  kSwapPosition: 2,
});

export const TUIRequestAction = Object.freeze({
  kInvalidAction: 0,
  kRequestToOpenRemoteCamera: 1,
  kRequestToOpenRemoteMicrophone: 2,
  kRequestToConnectOtherRoom: 3,
  kRequestToTakeSeat: 4,
  kRequestRemoteUserOnSeat: 5,
  kApplyToAdminToOpenLocalCamera: 6,
  kApplyToAdminToOpenLocalMicrophone: 7,
  kApplyToAdminToOpenLocalScreenShare: 8,
});

export const TUIRequestCallbackType = Object.freeze({
  kRequestAccepted: 0,
  kRequestRejected: 1,
  kRequestCancelled: 2,
  kRequestTimeout: 3,
  kRequestError: 4,
});

export const TRTCRole = Object.freeze({
  kAnchor: 0,
  kAudience: 1,
});

/** The observer events, by name. Which of them never come, and why, stands in docs/porting.md. */
export const TUIRoomEvents = Object.freeze({
  onError: "onError",
  onKickedOutOfRoom: "onKickedOutOfRoom",
  onKickedOffLine: "onKickedOffLine",
  onUserSigExpired: "onUserSigExpired",
  onRoomDismissed: "onRoomDismissed",
  onRoomNameChanged: "onRoomNameChanged",
  onRoomSeatModeChanged: "onRoomSeatModeChanged",
  onRoomUserCountChanged: "onRoomUserCountChanged",
  onAllUserCameraDisableChanged: "onAllUserCameraDisableChanged",
  onScreenShareForAllUserDisableChanged: "onScreenShareForAllUserDisableChanged",
  onAllUserMicrophoneDisableChanged: "onAllUserMicrophoneDisableChanged",
  onSendMessageForAllUserDisableChanged: "onSendMessageForAllUserDisableChanged",
  onRoomMaxSeatCountChanged: "onRoomMaxSeatCountChanged",
  onRemoteUserEnterRoom: "onRemoteUserEnterRoom",
  onRemoteUserLeaveRoom: "onRemoteUserLeaveRoom",
  onUserInfoChanged: "onUserInfoChanged",
  onUserRoleChanged: "onUserRoleChanged",
  onUserVideoStateChanged: "onUserVideoStateChanged",
  onUserAudioStateChanged: "onUserAudioStateChanged",
  onSendMessageForUserDisableChanged: "onSendMessageForUserDisableChanged",
  onUserVoiceVolumeChanged: "onUserVoiceVolumeChanged",
  onUserNetworkQualityChanged: "onUserNetworkQualityChanged",
  onSeatListChanged: "onSeatListChanged",
  onKickedOffSeat: "onKickedOffSeat",
  onRequestReceived: "onRequestReceived",
  onRequestCancelled: "onRequestCancelled",
  onRequestProcessed: "onRequestProcessed",
  onReceiveTextMessage: "onReceiveTextMessage",
  onReceiveCustomMessage: "onReceiveCustomMessage",
  onDeviceChange: "onDeviceChange",
  onUserScreenCaptureStopped: "onUserScreenCaptureStopped",
  onAutoPlayFailed: "onAutoPlayFailed",
  onRoomMetadataChanged: "onRoomMetadataChanged",
});
