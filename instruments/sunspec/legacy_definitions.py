"""Points of the older SunSpec models, in the notation of `instruments.sunspec.definitions`."""

from __future__ import annotations

from collections.abc import Mapping

_STATES = (
    "St:enum16 StVnd:enum16 Evt1:bitfield32 Evt2:bitfield32 EvtVnd1:bitfield32 EvtVnd2:bitfield32 "
    "EvtVnd3:bitfield32 EvtVnd4:bitfield32"
)
_INVERTER = (
    "A:uint16/A_SF AphA:uint16/A_SF AphB:uint16/A_SF AphC:uint16/A_SF A_SF:sunssf "
    "PPVphAB:uint16/V_SF PPVphBC:uint16/V_SF PPVphCA:uint16/V_SF "
    "PhVphA:uint16/V_SF PhVphB:uint16/V_SF PhVphC:uint16/V_SF V_SF:sunssf W:int16/W_SF W_SF:sunssf "
    "Hz:uint16/Hz_SF Hz_SF:sunssf VA:int16/VA_SF VA_SF:sunssf VAr:int16/VAr_SF VAr_SF:sunssf "
    "PF:int16/PF_SF PF_SF:sunssf WH:acc32/WH_SF WH_SF:sunssf DCA:uint16/DCA_SF DCA_SF:sunssf "
    "DCV:uint16/DCV_SF DCV_SF:sunssf DCW:int16/DCW_SF DCW_SF:sunssf TmpCab:int16/Tmp_SF "
    "TmpSnk:int16/Tmp_SF TmpTrns:int16/Tmp_SF TmpOt:int16/Tmp_SF Tmp_SF:sunssf " + _STATES
)
_MEASURED = (
    "A AphA AphB AphC PPVphAB PPVphBC PPVphCA PhVphA PhVphB PhVphC W Hz VA VAr PF WH DCA DCV DCW "
    "TmpCab TmpSnk TmpTrns TmpOt"
)
_INVERTER_FLOAT = " ".join(f"{name}:float32" for name in _MEASURED.split()) + " " + _STATES
_CURVES = (
    "ActCrv:uint16* ModEna:bitfield16* WinTms:uint16* RvrtTms:uint16* RmpTms:uint16* NCrv:uint16 "
    "NPt:uint16 "
)
_RAMPS = "RmpDecTmm:uint16/RmpIncDec_SF* RmpIncTmm:uint16/RmpIncDec_SF* "
FILLED = frozenset({126, 129, 130, 132, 134, 135, 136, 160})
"""Models whose group repeats to the end of the model, however many a point says there are."""


def _points(x: str, y: str) -> str:
    """Return the twenty points of a curve; each is `name{}:type/scale`."""
    return " ".join(f"{x.format(k)}* {y.format(k)}*" for k in range(1, 21))


def _response(share: str, ramp: str) -> str:
    """Return model 126 or 132: a share of something over the voltage."""
    points = _points("V{}:uint16/V_SF", f"{share}{{}}:int16/DeptRef_SF")
    return (
        f"{_CURVES}V_SF:sunssf DeptRef_SF:sunssf RmpIncDec_SF:sunssf {{curve[NCrv] ActPt:uint16* "
        f"DeptRef:enum16* {points} CrvNam:string8* {ramp}:uint16* {_RAMPS}ReadOnly:enum16 }}"
    )


def _must_disconnect(value: str) -> str:
    """Return a model of passive protection: times, and what must not last so long."""
    points = _points("Tms{}:uint16/Tms_SF", f"{value}{{}}:uint16/{value}_SF")
    return (
        f"{_CURVES}Tms_SF:sunssf {value}_SF:sunssf Pad:pad "
        f"{{curve[NCrv] ActPt:uint16* {points} CrvNam:string8* ReadOnly:enum16 }}"
    )


LEGACY_MODELS: Mapping[int, str] = {
    **dict.fromkeys((101, 102, 103), _INVERTER),
    **dict.fromkeys((111, 112, 113), _INVERTER_FLOAT),
    120: (
        "DERTyp:enum16 WRtg:uint16/WRtg_SF WRtg_SF:sunssf VARtg:uint16/VARtg_SF VARtg_SF:sunssf "
        "VArRtgQ1:int16/VArRtg_SF VArRtgQ2:int16/VArRtg_SF VArRtgQ3:int16/VArRtg_SF "
        "VArRtgQ4:int16/VArRtg_SF VArRtg_SF:sunssf ARtg:uint16/ARtg_SF ARtg_SF:sunssf "
        "PFRtgQ1:int16/PFRtg_SF PFRtgQ2:int16/PFRtg_SF PFRtgQ3:int16/PFRtg_SF "
        "PFRtgQ4:int16/PFRtg_SF PFRtg_SF:sunssf WHRtg:uint16/WHRtg_SF WHRtg_SF:sunssf "
        "AhrRtg:uint16/AhrRtg_SF AhrRtg_SF:sunssf MaxChaRte:uint16/MaxChaRte_SF "
        "MaxChaRte_SF:sunssf MaxDisChaRte:uint16/MaxDisChaRte_SF MaxDisChaRte_SF:sunssf Pad:pad"
    ),
    121: (
        "WMax:uint16/WMax_SF* VRef:uint16/VRef_SF* VRefOfs:int16/VRefOfs_SF* "
        "VMax:uint16/VMinMax_SF* VMin:uint16/VMinMax_SF* VAMax:uint16/VAMax_SF* "
        "VArMaxQ1:int16/VArMax_SF* VArMaxQ2:int16/VArMax_SF* VArMaxQ3:int16/VArMax_SF* "
        "VArMaxQ4:int16/VArMax_SF* WGra:uint16/WGra_SF* PFMinQ1:int16/PFMin_SF* "
        "PFMinQ2:int16/PFMin_SF* PFMinQ3:int16/PFMin_SF* PFMinQ4:int16/PFMin_SF* VArAct:enum16* "
        "ClcTotVA:enum16* MaxRmpRte:uint16/MaxRmpRte_SF* ECPNomHz:uint16/ECPNomHz_SF* "
        "ConnPh:enum16* WMax_SF:sunssf VRef_SF:sunssf VRefOfs_SF:sunssf VMinMax_SF:sunssf "
        "VAMax_SF:sunssf VArMax_SF:sunssf WGra_SF:sunssf PFMin_SF:sunssf MaxRmpRte_SF:sunssf "
        "ECPNomHz_SF:sunssf"
    ),
    122: (
        "PVConn:bitfield16 StorConn:bitfield16 ECPConn:bitfield16 ActWh:acc64 ActVAh:acc64 "
        "ActVArhQ1:acc64 ActVArhQ2:acc64 ActVArhQ3:acc64 ActVArhQ4:acc64 VArAval:int16/VArAval_SF "
        "VArAval_SF:sunssf WAval:uint16/WAval_SF WAval_SF:sunssf StSetLimMsk:bitfield32 "
        "StActCtl:bitfield32 TmSrc:string4 Tms:uint32 RtSt:bitfield16 Ris:uint16/Ris_SF "
        "Ris_SF:sunssf"
    ),
    123: (
        "Conn_WinTms:uint16* Conn_RvrtTms:uint16* Conn:enum16* WMaxLimPct:uint16/WMaxLimPct_SF* "
        "WMaxLimPct_WinTms:uint16* WMaxLimPct_RvrtTms:uint16* WMaxLimPct_RmpTms:uint16* "
        "WMaxLim_Ena:enum16* OutPFSet:int16/OutPFSet_SF* OutPFSet_WinTms:uint16* "
        "OutPFSet_RvrtTms:uint16* OutPFSet_RmpTms:uint16* OutPFSet_Ena:enum16* "
        "VArWMaxPct:int16/VArPct_SF* VArMaxPct:int16/VArPct_SF* VArAvalPct:int16/VArPct_SF* "
        "VArPct_WinTms:uint16* VArPct_RvrtTms:uint16* VArPct_RmpTms:uint16* VArPct_Mod:enum16* "
        "VArPct_Ena:enum16* WMaxLimPct_SF:sunssf OutPFSet_SF:sunssf VArPct_SF:sunssf"
    ),
    126: _response("VAr", "RmpTms"),
    127: (
        "WGra:uint16/WGra_SF* HzStr:int16/HzStrStop_SF* HzStop:int16/HzStrStop_SF* "
        "HysEna:bitfield16* ModEna:bitfield16* HzStopWGra:uint16/RmpIncDec_SF* WGra_SF:sunssf "
        "HzStrStop_SF:sunssf RmpIncDec_SF:sunssf Pad:pad"
    ),
    129: _must_disconnect("V"),
    130: _must_disconnect("V"),
    132: _response("W", "RmpPt1Tms"),
    134: (
        f"{_CURVES}Hz_SF:sunssf W_SF:sunssf RmpIncDec_SF:sunssf {{curve[NCrv] ActPt:uint16* "
        f"{_points('Hz{}:uint16/Hz_SF', 'W{}:int16/W_SF')} CrvNam:string8* RmpPT1Tms:uint16* "
        f"{_RAMPS}RmpRsUp:uint16/RmpIncDec_SF* SnptW:bitfield16* WRef:uint16/W_SF* "
        "WRefStrHz:uint16/Hz_SF* WRefStopHz:uint16/Hz_SF* ReadOnly:enum16 }"
    ),
    135: _must_disconnect("Hz"),
    136: _must_disconnect("Hz"),
    160: (
        "DCA_SF:sunssf DCV_SF:sunssf DCW_SF:sunssf DCWH_SF:sunssf Evt:bitfield32 N:count "
        "TmsPer:uint16 {module[N] ID:uint16 IDStr:string8 DCA:uint16/DCA_SF DCV:uint16/DCV_SF "
        "DCW:uint16/DCW_SF DCWH:acc32/DCWH_SF Tms:uint32 Tmp:int16 DCSt:enum16 DCEvt:bitfield32 }"
    ),
}
