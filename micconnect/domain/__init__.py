"""What a room is, what may happen in it and who hears of it. Pure: no Django, no asyncio, no clock."""
