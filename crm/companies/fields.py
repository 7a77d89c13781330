"""The words of the screens for the fields of companies and contacts. Pure."""

from crm.core.labels import N_

COMPANY = {
    "name": N_("企业名称"),
    "short_name": N_("简称"),
    "aliases": N_("其他名称"),
    "uscc": N_("统一社会信用代码"),
    "country": N_("国家或地区"),
    "region": N_("所在地"),
    "investor_nature": N_("投资方性质"),
    "parent_id": N_("上级企业"),
    "account_owner_id": N_("客户负责人"),
    "industry_code": N_("行业代码"),
    "industry_version": N_("分类版本"),
    "in_zone": N_("已在区内"),
    "is_anchor": N_("链主企业"),
    "chain_nodes": N_("产业链环节"),
    "honours": N_("资质"),
    "products": N_("主要产品"),
    "summary": N_("简介"),
    "ref": N_("外部编号"),
    "merged": N_("合并"),
    "reason": N_("理由"),
}
CONTACT = {
    "name": N_("姓名"),
    "title": N_("职务"),
    "decision_role": N_("决策角色"),
    "phone": N_("电话"),
    "email": N_("邮箱"),
    "owner_team_id": N_("归口科室"),
    "ref": N_("外部编号"),
}
