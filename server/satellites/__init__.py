"""The Wyoming protocol (https://github.com/OHF-Voice/wyoming): open smart speakers over TCP, as voice_skill converses."""
