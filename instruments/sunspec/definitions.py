"""Points of SunSpec models in the order of their registers, for the driver and for the simulated inverter.

Names, types and order are those of the SunSpec device information models, which the SunSpec Alliance
publishes under the Apache License 2.0 (github.com/sunspec/models); the project adds only one notation. An
item is `name:type`, then `/scale` (the point that holds the power of ten, or the power itself), then `*`
when the model lets a client write it. A text's type ends in its length in registers. `{name` begins a
group, `{name[count]` one that repeats as often as the point `count` says, `{=name` one whose points are
written together or not at all; `}` ends it. ID and length come first in every model and are left out.
"""

from __future__ import annotations

from collections.abc import Mapping

from instruments.sunspec.legacy_definitions import LEGACY_MODELS

_ENERGIES = "TotWhInj{0}:uint64/TotWh_SF TotWhAbs{0}:uint64/TotWh_SF "
_ENERGIES += "TotVarhInj{0}:uint64/TotVarh_SF TotVarhAbs{0}:uint64/TotVarh_SF "
_PHASE = (
    "W{0}:int16/W_SF VA{0}:int16/VA_SF Var{0}:int16/Var_SF PF{0}:int16/PF_SF A{0}:int16/A_SF "
    "V{0}{1}:uint16/V_SF V{0}:uint16/V_SF " + _ENERGIES
)
_ADOPTION = "Ena:enum16* AdptCrvReq:uint16* AdptCrvRslt:enum16 NPt:uint16 "
_REVERSION = "RvrtTms:uint32* RvrtRem:uint32 "


def _trip(value: str, scale: str) -> str:
    """Return a trip model whose points have `value` as abscissa."""
    curves = (
        f"{{{name} ActPt:uint16* {{Pt[NPt] {value}/{scale}* Tms:uint32/Tms_SF* }} }} "
        for name in ("MustTrip", "MayTrip", "MomCess")
    )
    return (
        f"{_ADOPTION}NCrvSet:uint16 {scale}:sunssf Tms_SF:sunssf "
        f"{{Crv[NCrvSet] ReadOnly:enum16 {''.join(curves)}}}"
    )


def _reverting(name: str, setpoints: str) -> str:
    """Return the points of one mode of model 704 between its enable and its countdown."""
    return (
        f"{name}Ena:enum16* {setpoints} {name}EnaRvrt:enum16* {name}RvrtTms:uint32* "
        f"{name}RvrtRem:uint32 "
    )


MODELS: Mapping[int, str] = {
    1: "Mn:string16 Md:string16 Opt:string8 Vr:string8 SN:string16 DA:uint16* Pad:pad",
    **LEGACY_MODELS,
    701: (
        "ACType:enum16 St:enum16 InvSt:enum16 ConnSt:enum16 Alrm:bitfield32 DERMode:bitfield32 "
        "W:int16/W_SF VA:int16/VA_SF Var:int16/Var_SF PF:int16/PF_SF A:int16/A_SF LLV:uint16/V_SF "
        "LNV:uint16/V_SF Hz:uint32/Hz_SF "
        + _ENERGIES.format("")
        + "TmpAmb:int16/Tmp_SF TmpCab:int16/Tmp_SF TmpSnk:int16/Tmp_SF TmpTrns:int16/Tmp_SF "
        "TmpSw:int16/Tmp_SF TmpOt:int16/Tmp_SF "
        + _PHASE.format("L1", "L2")
        + _PHASE.format("L2", "L3")
        + _PHASE.format("L3", "L1")
        + "ThrotPct:uint16 ThrotSrc:bitfield32 A_SF:sunssf V_SF:sunssf Hz_SF:sunssf W_SF:sunssf "
        "PF_SF:sunssf VA_SF:sunssf Var_SF:sunssf TotWh_SF:sunssf TotVarh_SF:sunssf Tmp_SF:sunssf "
        "MnAlrmInfo:string32"
    ),
    702: (
        "WMaxRtg:uint16/W_SF WOvrExtRtg:uint16/W_SF WOvrExtRtgPF:uint16/PF_SF "
        "WUndExtRtg:uint16/W_SF WUndExtRtgPF:uint16/PF_SF VAMaxRtg:uint16/VA_SF "
        "VarMaxInjRtg:uint16/Var_SF VarMaxAbsRtg:uint16/Var_SF WChaRteMaxRtg:uint16/W_SF "
        "WDisChaRteMaxRtg:uint16/W_SF VAChaRteMaxRtg:uint16/VA_SF VADisChaRteMaxRtg:uint16/VA_SF "
        "VNomRtg:uint16/V_SF VMaxRtg:uint16/V_SF VMinRtg:uint16/V_SF AMaxRtg:uint16/A_SF "
        "PFOvrExtRtg:uint16/PF_SF PFUndExtRtg:uint16/PF_SF ReactSusceptRtg:uint16/S_SF "
        "NorOpCatRtg:enum16 AbnOpCatRtg:enum16 CtrlModes:bitfield32 IntIslandCatRtg:bitfield16 "
        "WMax:uint16/W_SF* WMaxOvrExt:uint16/W_SF* WOvrExtPF:uint16/PF_SF* WMaxUndExt:uint16/W_SF* "
        "WUndExtPF:uint16/PF_SF* VAMax:uint16/VA_SF* VarMaxInj:uint16/Var_SF* "
        "VarMaxAbs:uint16/Var_SF* WChaRteMax:uint16/W_SF* WDisChaRteMax:uint16/W_SF* "
        "VAChaRteMax:uint16/VA_SF* VADisChaRteMax:uint16/VA_SF* VNom:uint16/V_SF* "
        "VMax:uint16/V_SF* VMin:uint16/V_SF* AMax:uint16/A_SF* PFOvrExt:uint16/PF_SF* "
        "PFUndExt:uint16/PF_SF* IntIslandCat:bitfield16* W_SF:sunssf PF_SF:sunssf VA_SF:sunssf "
        "Var_SF:sunssf V_SF:sunssf A_SF:sunssf S_SF:sunssf"
    ),
    703: (
        "ES:enum16* ESVHi:uint16/V_SF* ESVLo:uint16/V_SF* ESHzHi:uint32/Hz_SF* "
        "ESHzLo:uint32/Hz_SF* ESDlyTms:uint32* ESRndTms:uint32* ESRmpTms:uint32* "
        "ESDlyRemTms:uint32 V_SF:sunssf Hz_SF:sunssf"
    ),
    704: (
        _reverting("PFWInj", "")
        + _reverting("PFWAbs", "")
        + _reverting(
            "WMaxLimPct", "WMaxLimPct:uint16/WMaxLimPct_SF* WMaxLimPctRvrt:uint16/WMaxLimPct_SF*"
        )
        + _reverting(
            "WSet",
            "WSetMod:enum16* WSet:int32/WSet_SF* WSetRvrt:int32/WSet_SF* "
            "WSetPct:int16/WSetPct_SF* WSetPctRvrt:int16/WSetPct_SF*",
        )
        + _reverting(
            "VarSet",
            "VarSetMod:enum16* VarSetPri:enum16* VarSet:int32/VarSet_SF* "
            "VarSetRvrt:int32/VarSet_SF* VarSetPct:int16/VarSetPct_SF* "
            "VarSetPctRvrt:int16/VarSetPct_SF*",
        )
        + "WRmp:uint16* WRmpRef:enum16* VarRmp:uint16* AntiIslEna:enum16* PF_SF:sunssf "
        "WMaxLimPct_SF:sunssf WSet_SF:sunssf WSetPct_SF:sunssf VarSet_SF:sunssf "
        "VarSetPct_SF:sunssf "
        + " ".join(
            f"{{={name} PF:uint16/PF_SF* Ext:enum16* }}"
            for name in ("PFWInj", "PFWInjRvrt", "PFWAbs", "PFWAbsRvrt")
        )
    ),
    705: (
        f"{_ADOPTION}NCrv:uint16 {_REVERSION}RvrtCrv:uint16* V_SF:sunssf DeptRef_SF:sunssf "
        "RspTms_SF:sunssf {Crv[NCrv] ActPt:uint16* DeptRef:enum16* Pri:enum16* VRef:uint16/V_SF* "
        "VRefAuto:uint16/V_SF VRefAutoEna:enum16* VRefAutoTms:uint16* RspTms:uint32/RspTms_SF* "
        "ReadOnly:enum16 {Pt[NPt] V:uint16/V_SF* Var:int16/DeptRef_SF* } }"
    ),
    706: (
        f"{_ADOPTION}NCrv:uint16 {_REVERSION}RvrtCrv:uint16* V_SF:sunssf DeptRef_SF:sunssf "
        "RspTms_SF:sunssf {Crv[NCrv] ActPt:uint16* DeptRef:enum16* RspTms:uint32/RspTms_SF* "
        "ReadOnly:enum16 {Pt[NPt] V:uint16/V_SF* W:int16/DeptRef_SF* } }"
    ),
    707: _trip("V:uint16", "V_SF"),
    708: _trip("V:uint16", "V_SF"),
    709: _trip("Hz:uint32", "Hz_SF"),
    710: _trip("Hz:uint32", "Hz_SF"),
    711: (
        f"Ena:enum16* AdptCtlReq:uint16* AdptCtlRslt:enum16 NCtl:uint16 {_REVERSION}"
        "RvrtCtl:uint16* Db_SF:sunssf K_SF:sunssf RspTms_SF:sunssf {Ctl[NCtl] "
        "DbOf:uint32/Db_SF* DbUf:uint32/Db_SF* KOf:uint16/K_SF* KUf:uint16/K_SF* "
        "RspTms:uint32/RspTms_SF* PMin:int16* ReadOnly:enum16 }"
    ),
    712: (
        f"{_ADOPTION}NCrv:uint16 {_REVERSION}RvrtCrv:uint16* W_SF:sunssf DeptRef_SF:sunssf "
        "{Crv[NCrv] ActPt:uint16* DeptRef:enum16* Pri:enum16* ReadOnly:enum16 "
        "{Pt[NPt] W:int16/W_SF* Var:int16/DeptRef_SF* } }"
    ),
    713: (
        "WHRtg:uint16/WH_SF WHAvail:uint16/WH_SF SoC:uint16/Pct_SF SoH:uint16/Pct_SF Sta:enum16 "
        "WH_SF:sunssf Pct_SF:sunssf"
    ),
    714: (
        "PrtAlrms:bitfield32 NPrt:uint16 DCA:int16/DCA_SF DCW:int16/DCW_SF "
        "DCWhInj:uint64/DCWH_SF DCWhAbs:uint64/DCWH_SF DCA_SF:sunssf DCV_SF:sunssf DCW_SF:sunssf "
        "DCWH_SF:sunssf Tmp_SF:sunssf {Prt[NPrt] PrtTyp:enum16 ID:uint16 IDStr:string8 "
        "DCA:int16/DCA_SF DCV:uint16/DCV_SF DCW:int16/DCW_SF DCWhInj:uint64/DCWH_SF "
        "DCWhAbs:uint64/DCWH_SF Tmp:int16/Tmp_SF DCSta:enum16 DCAlrm:bitfield32 }"
    ),
    715: ("LocRemCtl:enum16 DERHb:uint32 ControllerHb:uint32* AlarmReset:uint16* OpCtl:enum16*"),
}
